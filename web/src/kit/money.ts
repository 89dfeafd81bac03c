/**
 * Money as the server counts it: whole minor units. Nothing here computes in fractions; texts become integers by their
 * digits and integers become texts by theirs.
 */
export const LARGEST_MINOR = 1_000_000_000_000

export type AmountRefusal = 'empty' | 'format' | 'negative' | 'zero' | 'decimals' | 'range'
export type ParsedAmount = { minor: number } | { refusal: AmountRefusal }

/** Reads what a person typed, e.g. "18.5" with two decimals as 1850. */
export function parseAmount(text: string, decimals: number): ParsedAmount {
  const typed = text.trim().replace(/,/g, '')
  if (typed === '') return { refusal: 'empty' }
  if (/^[-−]/.test(typed)) return { refusal: 'negative' }
  const parts = /^(\d*)(?:\.(\d*))?$/.exec(typed)
  if (!parts || (parts[1] === '' && !parts[2])) return { refusal: 'format' }
  const whole = parts[1] ?? ''
  const fraction = parts[2] ?? ''
  if (fraction.length > decimals) return { refusal: 'decimals' }
  const digits = (whole + fraction.padEnd(decimals, '0')).replace(/^0+/, '')
  if (digits === '') return { refusal: 'zero' }
  if (digits.length > 13 || Number(digits) > LARGEST_MINOR) return { refusal: 'range' }
  return { minor: Number(digits) }
}

export interface AmountParts {
  sign: '' | '−' | '+'
  whole: string
  fraction: string
}

/** The parts of an amount, thousands grouped: −128450 with two decimals is "−", "1,284", "50". */
export function amountParts(minor: number, decimals: number, signed = false): AmountParts {
  const digits = Math.abs(minor).toString().padStart(decimals + 1, '0')
  const whole = digits.slice(0, digits.length - decimals).replace(/\B(?=(\d{3})+$)/g, ',')
  const fraction = decimals === 0 ? '' : digits.slice(-decimals)
  const sign = minor < 0 ? '−' : signed && minor > 0 ? '+' : ''
  return { sign, whole, fraction }
}

export function formatAmount(minor: number, decimals: number, signed = false): string {
  const { sign, whole, fraction } = amountParts(minor, decimals, signed)
  return sign + whole + (fraction ? `.${fraction}` : '')
}

/** Without trailing zeros, as coupons and short texts show it: 1000 is "10", 1850 is "18.5". */
export function shortAmount(minor: number, decimals: number): string {
  const text = formatAmount(minor, decimals)
  return decimals === 0 ? text : text.replace(/\.?0+$/, '')
}

/** Keeps what is typed on the pad a possible amount: one point, no more decimals than the currency has. */
export function typeKey(typed: string, key: string, decimals: number): string {
  if (key === 'delete') return typed.slice(0, -1)
  if (key === '.') return decimals === 0 || typed.includes('.') ? typed : (typed || '0') + '.'
  const next = typed === '0' ? key : typed + key
  const [whole = '', fraction = ''] = next.split('.')
  return whole.length > 10 || fraction.length > decimals ? typed : next
}
