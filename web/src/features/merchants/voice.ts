/**
 * Sound for the shop: a chime, and the words if this device can speak. Browsers allow sound only after a touch, so it is
 * "locked" until there is one; whoever has something to say then waits.
 */
import { ref } from 'vue'
import { locale } from '@/kit/i18n'
import { recall, remember } from '@/kit/memory'
import { seat } from '@/kit/seat'

const STARTS_WITHIN_MS = 2000
const ENDS_WITHIN_MS = 12_000
const waiting: (() => void)[] = []
let audio: AudioContext | null = null
let memory = 'sound'
let uttering: SpeechSynthesisUtterance | null = null

export const sound = ref<'off' | 'locked' | 'on'>('off')

/** When sound was on the last time, or beside other seats, where nobody looks for it: waits for the first touch of the page, and lets what was touched answer first. kept: under what it is remembered; a discreet shop has its own. */
export function prepareSound(kept = 'sound') {
  if (kept !== memory) sound.value = 'off'
  memory = kept
  if (!recall(memory, seat !== '') || sound.value === 'on') return
  sound.value = 'locked'
  if (seat) void soundUnlocked()
  const unlock = () => {
    window.removeEventListener('click', unlock)
    window.removeEventListener('keydown', unlock)
    if (sound.value === 'locked') turnSoundOn()
  }
  window.addEventListener('click', unlock)
  window.addEventListener('keydown', unlock)
}

/** A touch of the window that a seat stands in lets the seat be heard, too, as far as the browser sees it so. */
async function soundUnlocked() {
  audio ??= new AudioContext()
  // Where it does not, this waits for a touch.
  await audio.resume().catch(() => undefined)
  if (sound.value === 'locked' && audio.state === 'running') turnSoundOn()
}

/** Must be called from a touch or a key. */
export function turnSoundOn() {
  audio ??= new AudioContext()
  void audio.resume()
  if ('speechSynthesis' in window) window.speechSynthesis.resume()
  sound.value = 'on'
  remember(memory, true)
  void chime()
  for (const go of waiting.splice(0)) go()
}

export function turnSoundOff() {
  sound.value = 'off'
  remember(memory, false)
  if ('speechSynthesis' in window) window.speechSynthesis.cancel()
  for (const go of waiting.splice(0)) go()
}

export async function say(text: string) {
  if (sound.value === 'locked') await new Promise<void>((resolve) => waiting.push(resolve))
  if (sound.value !== 'on') return
  await chime()
  await speak(text)
}

function chime(): Promise<void> {
  if (!audio) return Promise.resolve()
  const start = audio.currentTime
  for (const [index, frequency] of [1046.5, 1568].entries()) {
    const tone = audio.createOscillator()
    const level = audio.createGain()
    const from = start + index * 0.13
    tone.type = 'sine'
    tone.frequency.value = frequency
    level.gain.setValueAtTime(0, from)
    level.gain.linearRampToValueAtTime(0.5, from + 0.012)
    level.gain.exponentialRampToValueAtTime(0.001, from + 0.42)
    tone.connect(level).connect(audio.destination)
    tone.start(from)
    tone.stop(from + 0.45)
  }
  return pause(420)
}

function speak(text: string): Promise<void> {
  if (!('speechSynthesis' in window)) return Promise.resolve()
  return new Promise((resolve) => {
    const words = new SpeechSynthesisUtterance(text)
    uttering = words
    words.lang = locale.value === 'zh' ? 'zh-CN' : 'en-US'
    const done = () => {
      clearTimeout(starting)
      clearTimeout(ending)
      if (uttering === words) uttering = null
      resolve()
    }
    const giveUp = () => {
      window.speechSynthesis.cancel()
      done()
    }
    const starting = setTimeout(giveUp, STARTS_WITHIN_MS)
    const ending = setTimeout(giveUp, ENDS_WITHIN_MS)
    words.onstart = () => clearTimeout(starting)
    words.onend = done
    words.onerror = done
    window.speechSynthesis.speak(words)
  })
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
