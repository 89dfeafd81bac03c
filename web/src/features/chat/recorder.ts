/** A voice message being spoken: the microphone, how long already, how loud, and what came of it. */
import { ref } from 'vue'

const LONGEST_MS = 60_000
const SHORTEST_MS = 700
const TICK_MS = 100
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4;codecs=mp4a.40.2', 'audio/mp4']

export interface Spoken {
  blob: Blob
  duration_ms: number
}

/** Plain http keeps the microphone away from pages. */
export const canRecord = () => typeof MediaRecorder !== 'undefined' && navigator.mediaDevices !== undefined

export function createRecorder(done: (spoken: Spoken) => void) {
  const duration_ms = ref(0)
  const recording = ref(false)
  let recorder: MediaRecorder | null = null
  let parts: Blob[] = []
  let began = 0
  let ticking = 0
  let wanted = false

  /** Raises DOMException when the person or the device says no. */
  async function start() {
    if (wanted) return
    wanted = true
    let stream: MediaStream
    try {
      stream = await navigator.mediaDevices.getUserMedia({ audio: { echoCancellation: true, noiseSuppression: true } })
    } catch (refused) {
      wanted = false
      throw refused
    }
    // The finger may have been lifted while the person was asked.
    if (!wanted) return stopTracks(stream)
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type))
    parts = []
    recorder = new MediaRecorder(stream, { audioBitsPerSecond: 24_000, ...(mimeType && { mimeType }) })
    recorder.ondataavailable = (event) => parts.push(event.data)
    recorder.start()
    began = performance.now()
    recording.value = true
    ticking = window.setInterval(tick, TICK_MS)
  }

  function tick() {
    duration_ms.value = Math.min(LONGEST_MS, performance.now() - began)
    if (duration_ms.value >= LONGEST_MS) stop(true)
  }

  function stop(keep: boolean) {
    wanted = false
    const ended = recorder
    if (!ended) return
    recorder = null
    clearInterval(ticking)
    const spoken_ms = Math.min(LONGEST_MS, Math.round(performance.now() - began))
    recording.value = false
    duration_ms.value = 0
    ended.onstop = () => {
      stopTracks(ended.stream)
      if (keep && spoken_ms >= SHORTEST_MS) done({ blob: new Blob(parts, { type: ended.mimeType }), duration_ms: spoken_ms })
    }
    ended.stop()
  }

  return { start, stop, recording, duration_ms }
}

function stopTracks(stream: MediaStream) {
  for (const track of stream.getTracks()) track.stop()
}
