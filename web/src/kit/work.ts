/** One thing at a time that a page asks of the server: whether it is at it, and what was refused. */
import { ref, type Ref } from 'vue'

export interface Work {
  busy: Ref<boolean>
  error: Ref<unknown>
  /** True once it is done; false when it was refused, which `error` says. */
  attempt: (act?: () => Promise<unknown>) => Promise<boolean>
}

export interface Look extends Omit<Work, 'attempt'> {
  /** Of several questions at once the latest counts, whichever is answered last: what is not the latest any more shows nothing. */
  look: (ask: (isLatest: () => boolean) => Promise<unknown>) => Promise<void>
}

/** Called when something is asked; what it returns says whether that is still the latest question. */
export function latestCounts(): () => () => boolean {
  let asked = 0
  return () => {
    const mine = ++asked
    return () => mine === asked
  }
}

/** The same for a page that only reads. */
export function useLook(): Look {
  const busy = ref(false)
  const error = ref<unknown>(null)
  const asked = latestCounts()
  async function look(ask: (isLatest: () => boolean) => Promise<unknown>): Promise<void> {
    const isLatest = asked()
    busy.value = true
    error.value = null
    try {
      await ask(isLatest)
    } catch (refused) {
      if (isLatest()) error.value = refused
    } finally {
      if (isLatest()) busy.value = false
    }
  }
  return { busy, error, look }
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
