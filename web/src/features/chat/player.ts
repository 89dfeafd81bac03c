/** One voice is heard at a time, wherever it stands. */
import { reactive } from 'vue'

const BARS = 28

export const playing = reactive({ id: '', part: 0 })
const peaks = reactive(new Map<string, number[]>())
let audio: HTMLAudioElement | null = null

/** How loud a voice is along its length, from 0 to 1; an even line until it has been heard once. */
export const peaksOf = (id: string): number[] => peaks.get(id) ?? Array.from({ length: BARS }, () => 0.35)

/** Raises what the browser says when it can't. */
export async function play(id: string, source: string) {
  const again = playing.id === id
  stopPlaying()
  if (again) return
  playing.id = id
  const answer = await fetch(source)
  if (!answer.ok) {
    stopPlaying()
    throw new Error(`${answer.status}`)
  }
  const blob = await answer.blob()
  if (playing.id !== id) return
  void measure(id, blob)
  const address = URL.createObjectURL(blob)
  audio = new Audio(address)
  // What MediaRecorder writes doesn't say how long it is until it has been played through.
  audio.ontimeupdate = () => {
    if (audio && Number.isFinite(audio.duration)) playing.part = audio.currentTime / audio.duration
  }
  audio.onended = audio.onerror = () => {
    URL.revokeObjectURL(address)
    if (playing.id === id) stopPlaying()
  }
  await audio.play()
}

export function stopPlaying() {
  audio?.pause()
  audio = null
  playing.id = ''
  playing.part = 0
}

async function measure(id: string, blob: Blob) {
  if (peaks.has(id)) return
  const context = new AudioContext()
  try {
    const samples = (await context.decodeAudioData(await blob.arrayBuffer())).getChannelData(0)
    const step = Math.max(1, Math.floor(samples.length / BARS))
    const found = Array.from({ length: BARS }, (_, bar) => loudest(samples.subarray(bar * step, (bar + 1) * step)))
    const most = Math.max(0.01, ...found)
    peaks.set(id, found.map((peak) => Math.max(0.12, peak / most)))
  } catch {
    // A browser that plays it but can't take it apart shows the even line.
  } finally {
    void context.close()
  }
}

function loudest(samples: Float32Array): number {
  let most = 0
  for (let index = 0; index < samples.length; index += 16) most = Math.max(most, Math.abs(samples[index]!))
  return most
}
