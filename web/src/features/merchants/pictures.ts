/** The pictures a shop may choose from, by its trade. */
import type { Trade } from '@/kit/api/types'

export const PICTURES: Record<Trade, string[]> = {
  noodles: ['🍜', '🥟', '🍲', '🍚', '🍢', '🥘'],
  groceries: ['🥬', '🍎', '🍊', '🐟', '🥚', '🛒'],
  coffee: ['☕️', '🧋', '🍵', '🥤', '🍰', '🧊'],
  bakery: ['🍞', '🥐', '🥮', '🎂', '🍪', '🧁'],
  hardware: ['🔧', '🔩', '💡', '🪣', '🧰', '🔑'],
  books: ['📚', '📖', '✏️', '📰', '🗞️', '🖌️'],
  convenience: ['🏪', '🍱', '🍦', '🥛', '🍬', '🧃'],
  clothing: ['👕', '👗', '👟', '🧢', '🧥', '👜'],
  pharmacy: ['💊', '🩹', '🌿', '🩺', '👓', '🧴'],
  flowers: ['🌷', '💐', '🌻', '🪴', '🌵', '🌹'],
  electronics: ['📱', '💻', '🎧', '🔌', '📷', '🔋'],
  hair: ['💇', '💈', '✂️', '💅', '💆', '🪞'],
  transport: ['🚕', '🚌', '🚲', '🛵', '⛽️', '🅿️'],
  lodging: ['🏨', '🛏️', '🏡', '⛺️', '🧳', '🔑'],
  services: ['🧵', '🧺', '🔧', '📦', '🎓', '🐾'],
  other: ['🏬', '🎁', '🧸', '🎨', '🎵', '⚽️'],
}
