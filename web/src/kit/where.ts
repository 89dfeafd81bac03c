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
