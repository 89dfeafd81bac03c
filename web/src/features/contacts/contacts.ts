/** Friends, and who asks to become one. Kept fresh by what the contacts service says in the chat. */
import { computed, reactive, watch } from 'vue'
import { get, post, Refused } from '@/kit/api/client'
import type { Contact, ContactRequest, Found, Person } from '@/kit/api/types'
import { hear, whenRecalled } from '@/features/chat/conversations'
import { keepNote, noted } from '@/features/chat/shelf'
import { me } from '@/features/people/session'

const state = reactive<{
  friends: Map<string, Contact>
  incoming: ContactRequest[]
  outgoing: ContactRequest[]
  loaded: boolean
  error: unknown
}>({ friends: new Map(), incoming: [], outgoing: [], loaded: false, error: null })

export const contacts = computed(() => [...state.friends.values()])
export const incoming = computed(() => state.incoming)
export const outgoing = computed(() => state.outgoing)
export const incomingCount = computed(() => state.incoming.length)
export const contactsLoaded = computed(() => state.loaded)
export const contactsError = computed(() => state.error)

export const friendOf = (person: string): Person | null => state.friends.get(person)?.person ?? null
export const contactState = (person: string): 'friend' | 'none' => (state.friends.has(person) ? 'friend' : 'none')

export async function loadContacts() {
  try {
    const [friends, requests] = await Promise.all([
      get<{ contacts: Contact[] }>('/api/contacts'),
      get<{ incoming: ContactRequest[]; outgoing: ContactRequest[] }>('/api/contacts/requests'),
    ])
    state.friends = new Map(friends.contacts.map((contact) => [contact.person.id, contact]))
    state.incoming = requests.incoming
    state.outgoing = requests.outgoing
    state.loaded = true
    state.error = null
    void keepNote('contacts', friends.contacts)
  } catch (error) {
    state.error = error
  }
}

export const findByHandle = (handle: string) => get<Found>(`/api/contacts/search?handle=${encodeURIComponent(handle)}`)

export async function requestContact(person_id: string, greeting: string) {
  state.outgoing.unshift(await post<ContactRequest>('/api/contacts/requests', { person_id, greeting }))
}

export async function acceptRequest(request: string, person: string) {
  try {
    const contact = await post<Contact>(`/api/contacts/requests/${request}/acceptance`)
    state.friends.set(contact.person.id, contact)
  } catch (error) {
    // Accepted on another device in the meantime: what was wanted is so.
    if (!(error instanceof Refused && error.slug === 'already-friends')) throw error
    await loadContacts()
  }
  state.incoming = state.incoming.filter((one) => one.id !== request && one.person.id !== person)
}

hear((message) => {
  if (message.kind.startsWith('contact.')) void loadContacts()
})
watch(
  me,
  (person, before) => {
    if (!person || person.id === before?.id) return
    void recallContacts()
    void loadContacts()
  },
  { immediate: true },
)

/** Friends as this device last saw them, until the server has told. */
async function recallContacts() {
  await whenRecalled()
  const kept = await noted<Contact[]>('contacts', [])
  if (state.loaded || kept.length === 0) return
  state.friends = new Map(kept.map((contact) => [contact.person.id, contact]))
  state.loaded = true
}
