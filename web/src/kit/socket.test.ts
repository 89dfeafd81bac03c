import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { backoffMs } from './socket'

describe('how long to wait before connecting again', () => {
  it('doubles up to fifteen seconds and spreads', () => {
    expect(backoffMs(0, 1)).toBe(500)
    expect(backoffMs(3, 1)).toBe(4000)
    expect(backoffMs(50, 1)).toBe(15_000)
    expect(backoffMs(3, 0)).toBe(2400)
  })
})

class FakeSocket {
  static readonly OPEN = 1
  static made: FakeSocket[] = []
  readyState = 1
  sent: string[] = []
  onmessage?: (event: { data: string }) => void
  onclose?: (event: { code: number }) => void
  constructor(readonly url: string) {
    FakeSocket.made.push(this)
  }
  send(text: string) {
    this.sent.push(text)
  }
  close() {
    this.readyState = 3
  }
  hears(frame: object) {
    this.onmessage?.({ data: JSON.stringify(frame) })
  }
  breaks(code: number) {
    this.readyState = 3
    this.onclose?.({ code })
  }
}

describe('the live connection', () => {
  let socket: typeof import('./socket')
  const latest = () => FakeSocket.made.at(-1)!

  beforeEach(async () => {
    vi.useFakeTimers()
    vi.resetModules()
    FakeSocket.made = []
    vi.stubGlobal('WebSocket', FakeSocket)
    vi.stubGlobal('location', { protocol: 'http:', host: 'town.test' })
    vi.stubGlobal('window', Object.assign(new EventTarget(), { setTimeout, setInterval }))
    vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }))
    socket = await import('./socket')
  })
  afterEach(() => {
    socket.disconnect()
    vi.useRealTimers()
    vi.unstubAllGlobals()
  })

  it('says nothing before the server has welcomed, and everything after', () => {
    socket.connect()
    expect(latest().url).toBe('ws://town.test/ws')
    expect(socket.tell({ op: 'ping' })).toBe(false)
    latest().hears({ op: 'welcome', person_id: 'p', at: '' })
    expect(socket.link.value).toBe('live')
    expect(socket.tell({ op: 'ping' })).toBe(true)
  })

  it('connects again after a break, and listeners hear the new welcome', () => {
    const heard: string[] = []
    socket.listen((frame) => heard.push(frame.op))
    socket.connect()
    latest().hears({ op: 'welcome' })
    latest().breaks(1012)
    expect(socket.link.value).toBe('waiting')
    vi.advanceTimersByTime(600)
    expect(FakeSocket.made).toHaveLength(2)
    latest().hears({ op: 'welcome' })
    expect(heard).toEqual(['welcome', 'welcome'])
  })

  it('takes silence after a ping for a break', () => {
    socket.connect()
    latest().hears({ op: 'welcome' })
    vi.advanceTimersByTime(25_000)
    expect(latest().sent).toEqual(['{"op":"ping"}'])
    vi.advanceTimersByTime(10_000)
    expect(socket.link.value).toBe('waiting')
  })

  it('stays when the pong comes', () => {
    socket.connect()
    latest().hears({ op: 'welcome' })
    vi.advanceTimersByTime(25_000)
    latest().hears({ op: 'pong' })
    vi.advanceTimersByTime(12_000)
    expect(socket.link.value).toBe('live')
  })

  describe('where nobody looks', () => {
    const look = (state: string) => {
      Object.assign(document, { visibilityState: state })
      document.dispatchEvent(new Event('visibilitychange'))
    }

    it('rests once it may, and is back with the first look', () => {
      let may = false
      socket.restWhen(() => may)
      socket.connect()
      latest().hears({ op: 'welcome' })
      look('hidden')
      vi.advanceTimersByTime(20_000)
      expect(latest().readyState).toBe(1)
      may = true
      vi.advanceTimersByTime(15_000)
      expect(latest().readyState).toBe(3)
      expect(socket.link.value).toBe('connecting')
      vi.advanceTimersByTime(600_000)
      expect(FakeSocket.made).toHaveLength(1)
      look('visible')
      expect(FakeSocket.made).toHaveLength(2)
      latest().hears({ op: 'welcome' })
      vi.advanceTimersByTime(20_000)
      expect(socket.link.value).toBe('live')
    })

    it('stays while a page wants it', () => {
      socket.restWhen(() => true)
      const end = socket.stayConnected()
      socket.connect()
      latest().hears({ op: 'welcome' })
      look('hidden')
      vi.advanceTimersByTime(20_000)
      expect(latest().readyState).toBe(1)
      end()
      vi.advanceTimersByTime(15_000)
      expect(latest().readyState).toBe(3)
    })
  })

  it('does not come back when the session has ended', () => {
    const ended = vi.fn()
    socket.onSessionEnded(ended)
    socket.connect()
    latest().breaks(4401)
    vi.advanceTimersByTime(60_000)
    expect(FakeSocket.made).toHaveLength(1)
    expect(ended).toHaveBeenCalledOnce()
    expect(socket.link.value).toBe('off')
  })
})
