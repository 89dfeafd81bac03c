/** Reads codes from the camera or a picture, on this device alone: the decoder is served by Junzi itself. */
import { BarcodeDetector, prepareZXingModule } from 'barcode-detector/ponyfill'
import wasmUrl from 'zxing-wasm/reader/zxing_reader.wasm?url'

prepareZXingModule({ overrides: { locateFile: (path: string, prefix: string) => (path.endsWith('.wasm') ? wasmUrl : prefix + path) } })

const detector = new BarcodeDetector({ formats: ['qr_code'] })

export async function read(source: ImageBitmapSource): Promise<string | null> {
  const found = await detector.detect(source)
  return found[0]?.rawValue ?? null
}
