/** The conversations that the list shows: those in which something was said, or may be; found by words when one searches. */
import { computed, ref } from 'vue'
import { conversations } from './conversations'
import { lineOf, titleOf } from './words'

export const sought = ref('')

export const shownConversations = computed(() => {
  const words = sought.value.trim().toLowerCase()
  const all = conversations.value.filter((one) => one.last || one.kind === 'direct')
  return words ? all.filter((one) => (titleOf(one) + ' ' + (one.last ? lineOf(one.last) : '')).toLowerCase().includes(words)) : all
})
