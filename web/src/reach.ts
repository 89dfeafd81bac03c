/**
 * Whether the app can start. It starts at once with what this device remembers of the town and the person, and asks the
 * server meanwhile; a device that remembers nothing has to reach the server first.
 */
import { ref, watch } from 'vue'
import { loadMe, recallMe } from '@/features/people/session'
import { link } from '@/kit/socket'
import { loadTown, recallTown } from '@/kit/town'

export const reach = ref<'unknown' | 'remembered' | 'reached' | 'unreached'>('unknown')

export async function reachServer(): Promise<boolean> {
  if (reach.value === 'reached' || reach.value === 'remembered') return true
  if (recallTown() && recallMe()) {
    reach.value = 'remembered'
    void ask()
    return true
  }
  reach.value = (await ask()) ? 'reached' : 'unreached'
  return reach.value === 'reached'
}

async function ask(): Promise<boolean> {
  try {
    await Promise.all([loadTown(), loadMe()])
    reach.value = 'reached'
    return true
  } catch {
    return false
  }
}

watch(link, (state) => {
  if (state === 'live' && reach.value === 'remembered') void ask()
})
