/** A picture from the phone, made small enough to be sent. */
const LONGEST_SIDE_PX = 2048
const SMALL_ENOUGH_BYTES = 600_000
const QUALITY = 0.85

export interface Prepared {
  blob: Blob
  /** In pixels; 0 when this browser can't draw it. */
  width: number
  height: number
}

/**
 * The picture drawn anew within 2,048 pixels, which also leaves where it was taken behind; as it is when it is wanted so, when
 * it is small, when it moves, or when this browser can't draw it.
 */
export async function smaller(file: File, asItIs = false): Promise<Prepared> {
  const bitmap = await createImageBitmap(file).catch(() => null)
  const { width = 0, height = 0 } = bitmap ?? {}
  const drawn = bitmap && !asItIs && file.type !== 'image/gif' && (file.size > SMALL_ENOUGH_BYTES || Math.max(width, height) > LONGEST_SIDE_PX)
  const blob = drawn ? ((await redraw(bitmap)) ?? file) : file
  bitmap?.close()
  return { blob, width, height }
}

async function redraw(bitmap: ImageBitmap): Promise<Blob | null> {
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(bitmap.width, bitmap.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.round(bitmap.width * scale)
  canvas.height = Math.round(bitmap.height * scale)
  const pen = canvas.getContext('2d')
  if (!pen) return null
  // JPEG has no transparency: what shines through is white.
  pen.fillStyle = '#fff'
  pen.fillRect(0, 0, canvas.width, canvas.height)
  pen.drawImage(bitmap, 0, 0, canvas.width, canvas.height)
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/jpeg', QUALITY))
}
