/** Whether the server answered when the app started; nothing can be shown before it does. */
import { ref } from 'vue'
import { loadMe } from '@/features/people/session'
import { loadTown } from '@/kit/town'

export const reach = ref<'unknown' | 'reached' | 'unreached'>('unknown')

export async function reachServer(): Promise<boolean> {
  if (reach.value === 'reached') return true
  try {
    await Promise.all([loadTown(), loadMe()])
    reach.value = 'reached'
    return true
  } catch {
    reach.value = 'unreached'
    return false
  }
}
