/** The sandbox bank's page, gone through as a person would: a test card's number, then the code that its text message names. */
import { t } from '@/kit/i18n'
import { NotDone } from './once'

const TEST_CARD = '6200000100000004'

export async function enterTestCard(page_url: string, holder: string) {
  const path = new URL(page_url, location.href).pathname
  const first = await page(path)
  const second = await submit(path, first, { step: 'card', card_number: TEST_CARD, holder })
  const code = /\b\d{6}\b/.exec(second.querySelector('.phone-text')?.textContent ?? '')?.[0] ?? ''
  await submit(path, second, { step: 'code', code })
}

async function page(path: string): Promise<Document> {
  return read(await fetch(path))
}

/** What the page shows next. Its last answer leads back to a page of ours, which need not be read. */
async function submit(path: string, shown: Document, fields: Record<string, string>): Promise<Document> {
  const csrf_token = shown.querySelector<HTMLInputElement>('[name=csrf_token]')?.value ?? ''
  await fetch(path, { method: 'POST', body: new URLSearchParams({ ...fields, csrf_token }), redirect: 'manual' })
  return page(path)
}

const read = async (answer: Response) => new DOMParser().parseFromString(await answer.text(), 'text/html')

/** Asks until there is an answer; raises when none comes in time. */
export async function demands<T>(ask: () => Promise<T | null>, patience_ms = 15_000): Promise<T> {
  for (const until = Date.now() + patience_ms; ; ) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > until) throw new NotDone(t('townTour.late'))
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
}
