/** One thing at a time that a page asks of the server: whether it is at it, and what was refused. */
import { ref, type Ref } from 'vue'

export interface Work {
  busy: Ref<boolean>
  error: Ref<unknown>
  /** True once it is done; false when it was refused, which `error` says. */
  attempt: (act?: () => Promise<unknown>) => Promise<boolean>
}

/** afterwards: what the page shows is looked up anew after everything it did */
export function useWork(afterwards?: () => Promise<unknown>): Work {
  const busy = ref(false)
  const error = ref<unknown>(null)
  async function attempt(act?: () => Promise<unknown>): Promise<boolean> {
    busy.value = true
    error.value = null
    try {
      await act?.()
      await afterwards?.()
      return true
    } catch (refused) {
      error.value = refused
      return false
    } finally {
      busy.value = false
    }
  }
  return { busy, error, attempt }
}
