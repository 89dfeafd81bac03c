/** The conversations that the list shows, found by words when one searches; strangers' requests stand apart. */
import { computed, ref } from 'vue'
import { conversations } from './conversations'
import { lineOf, titleOf } from './words'

export const sought = ref('')

const spoken = computed(() => conversations.value.filter((one) => one.last || one.kind === 'direct' || one.kind === 'group'))

export const requests = computed(() => spoken.value.filter((one) => one.request === 'incoming'))

/** What was hidden comes back by itself with the next message, and is found meanwhile. */
export const shownConversations = computed(() => {
  const words = sought.value.trim().toLowerCase()
  const all = spoken.value.filter((one) => one.request !== 'incoming' && (words || !one.mine.hidden))
  return words ? all.filter((one) => (titleOf(one) + ' ' + (one.last ? lineOf(one.last) : '')).toLowerCase().includes(words)) : all
})
