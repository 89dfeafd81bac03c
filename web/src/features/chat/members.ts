/** Who is in a group: read from page to page, kept on the device, read again when the group has changed. */
import { shallowReactive, watch } from 'vue'
import { get, patch, post, put, remove } from '@/kit/api/client'
import type { Conversation, Drawn, Group, GroupInvitation, Member, Person, Role } from '@/kit/api/types'
import { newId } from '@/kit/ids'
import { me } from '@/features/people/session'
import { takeConversation } from './conversations'
import { keepNote, noted } from './shelf'

const PAGE = 200
const members = shallowReactive(new Map<string, Map<string, Member>>())
const loading = new Map<string, Promise<void>>()

export const membersOf = (group: string): Member[] => [...(members.get(group)?.values() ?? [])]
export const memberOf = (group: string, person: string): Member | null => members.get(group)?.get(person) ?? null

/** What a member is called in a group: by the name they have chosen there, else by their own. */
export const nameIn = (member: Member): string => member.nickname || member.person.name

export function roleIn(group: Group, person: string | undefined): Role {
  if (person === group.owner_id) return 'owner'
  return person && group.administrator_ids.includes(person) ? 'administrator' : 'member'
}

export const isAdministrator = (group: Group) => roleIn(group, me.value?.id) !== 'member'
export const mayInvite = (group: Group) => !group.only_administrators_invite || isAdministrator(group)

/** Raises nothing: without a connection those that are known stay. */
export function loadMembers(conversation: Conversation, again = false): Promise<void> {
  const known = members.get(conversation.id)
  // Who has left may not ask any more.
  if (conversation.left) return Promise.resolve()
  if (!again && known && known.size === conversation.group?.member_count) return Promise.resolve()
  const under_way = loading.get(conversation.id) ?? load(conversation, again).finally(() => loading.delete(conversation.id))
  loading.set(conversation.id, under_way)
  return under_way
}

/** They stay true while a page shows them: another name, role or member makes the group one that has changed. */
export function keepMembers(conversation: () => Conversation | null) {
  watch(conversation, (now, before) => {
    if (now?.group && before) void loadMembers(now, now.group.member_count <= PAGE)
  })
}

async function load({ id: group, group: facts }: Conversation, again: boolean) {
  if (!members.has(group)) show(group, await noted<Member[]>(`members.${group}`, []))
  const count = facts?.member_count ?? 0
  // Thousands are not asked for at every start; the page that lists them does it.
  if (!again && count > PAGE && members.get(group)?.size === count) return
  const found: Member[] = []
  try {
    for (let more = true; more; ) {
      const after: string = found.length > 0 ? `&after=${found.at(-1)!.person.id}` : ''
      const page: { members: Member[]; more: boolean } = await get(`/api/groups/${group}/members?limit=${PAGE}${after}`)
      found.push(...page.members)
      more = page.more && page.members.length > 0
    }
  } catch {
    return
  }
  show(group, found)
  void keepNote(`members.${group}`, found)
}

function show(group: string, found: Member[]) {
  if (found.length > 0) members.set(group, new Map(found.map((member) => [member.person.id, member])))
}

// --- What is done with groups. All raise Unreachable, Refused. ---

const made = new Map<string, string>()

/** The same people asked for again, after an answer that was lost, are the same group. */
export async function makeGroup(name: string, people: Person[]): Promise<string> {
  const member_ids = people.map((person) => person.id)
  const asked = JSON.stringify([name, member_ids])
  const id = made.get(asked) ?? newId()
  made.set(asked, id)
  const conversation = await post<Conversation>('/api/groups', { id, member_ids, ...(name && { name }) })
  made.delete(asked)
  return takeConversation(conversation)
}

export async function changeGroup(id: string, changes: Partial<Pick<Group, 'name' | 'notice' | 'mute_all' | 'only_administrators_invite'>>) {
  takeConversation(await patch<Conversation>(`/api/groups/${id}`, changes))
}

export async function addMembers(id: string, people: Person[]) {
  takeConversation(await post<Conversation>(`/api/groups/${id}/members`, { member_ids: people.map((person) => person.id) }))
}

export const removeMember = (id: string, person: string) => remove(`/api/groups/${id}/members/${person}`)
export const giveRole = (id: string, person: string, role: Role) => put<void>(`/api/groups/${id}/members/${person}/role`, { role })
export const callMyself = (id: string, nickname: string) => put<void>(`/api/groups/${id}/nickname`, { nickname })
export const dissolve = (id: string) => remove(`/api/groups/${id}`)
export const invite = (id: string) => post<Drawn>(`/api/groups/${id}/invitations`)
export const loadInvitation = (token: string) => get<GroupInvitation>(`/api/group-invitations/${encodeURIComponent(token)}`)

export async function joinGroup(token: string): Promise<string> {
  return takeConversation(await post<Conversation>(`/api/group-invitations/${encodeURIComponent(token)}/acceptance`))
}
