/** Where this device is, in thousandths of a degree, as far as its person lets the browser say. */
export interface Position {
  latitude_e3: number
  longitude_e3: number
}

/** rounded: to how many thousandths. Raises what the browser says when it doesn't tell, or too late. */
export function where(rounded: number, timeout_ms: number): Promise<Position> {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error('no geolocation'))
    const round = (degrees: number) => Math.round((degrees * 1000) / rounded) * rounded
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude_e3: round(coords.latitude), longitude_e3: round(coords.longitude) }),
      reject,
      { enableHighAccuracy: rounded === 1, timeout: timeout_ms, maximumAge: 300_000 },
    )
  })
}

/** The same in millionths, with how many metres it may be off. */
export interface Exactly {
  latitude_e6: number
  longitude_e6: number
  accuracy_m: number
}

/** Raises what the browser says when it doesn't tell, or too late. */
export function exactly(timeout_ms: number): Promise<Exactly> {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation) return reject(new Error('no geolocation'))
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ latitude_e6: Math.round(coords.latitude * 1e6), longitude_e6: Math.round(coords.longitude * 1e6), accuracy_m: Math.min(1_000_000, Math.round(coords.accuracy)) }),
      reject,
      { enableHighAccuracy: true, timeout: timeout_ms, maximumAge: 15_000 },
    )
  })
}
