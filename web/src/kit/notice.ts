/** A short line that something has been done; it goes by itself. */
import { ref } from 'vue'

const LASTS_MS = 2800
let timer = 0

export const notice = ref('')

export function note(text: string) {
  clearTimeout(timer)
  notice.value = text
  timer = window.setTimeout(() => (notice.value = ''), LASTS_MS)
}
