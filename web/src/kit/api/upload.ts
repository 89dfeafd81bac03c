/** Sending a file, with how far it has come and a way to stop: what `fetch` can't tell yet. */
import { seat, seated } from '../seat'
import { Refused, Unreachable, readProblem, signedOut } from './client'

export interface Uploading {
  /** from 0 to 1 */
  onProgress: (part: number) => void
  signal: AbortSignal
}

/** Raises Refused, Unreachable; "stopped" is Unreachable too, and whoever stopped it knows. */
export function upload<T>(path: string, file: Blob, { onProgress, signal }: Uploading): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', path)
    for (const [name, value] of Object.entries({ accept: 'application/json', ...seated(seat) })) request.setRequestHeader(name, value)
    request.setRequestHeader('content-type', 'application/octet-stream')
    request.upload.onprogress = (event) => event.lengthComputable && onProgress(event.loaded / event.total)
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) return resolve(JSON.parse(request.responseText) as T)
      const refused = new Refused(readProblem(request.responseText, request.status))
      if (refused.slug === 'not-signed-in') signedOut()
      reject(refused)
    }
    request.onerror = request.onabort = request.ontimeout = () => reject(new Unreachable('the upload ended'))
    signal.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}
