/** Whom this person doesn't want to hear from. */
import { reactive, ref } from 'vue'
import { get, put, remove } from '@/kit/api/client'
import type { Person } from '@/kit/api/types'

const people = reactive(new Map<string, Person>())
export const blocksError = ref<unknown>(null)
export const blocksLoaded = ref(false)

export const blocked = (): Person[] => [...people.values()]
export const isBlocked = (person: string) => people.has(person)

export async function loadBlocks() {
  try {
    const found = (await get<{ people: Person[] }>('/api/blocks')).people
    people.clear()
    for (const person of found) people.set(person.id, person)
    blocksLoaded.value = true
    blocksError.value = null
  } catch (refused) {
    blocksError.value = refused
  }
}

/** Raises Unreachable, Refused. */
export async function block(person: Person) {
  await put(`/api/blocks/${person.id}`, {})
  people.set(person.id, person)
}

/** Raises Unreachable, Refused. */
export async function unblock(person: Person) {
  await remove(`/api/blocks/${person.id}`)
  people.delete(person.id)
}
