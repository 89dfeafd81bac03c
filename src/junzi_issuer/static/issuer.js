// Conveniences only: every form works without them.
'use strict'

const number = document.getElementById('card_number')
const holder = document.getElementById('holder')
const preview = document.querySelector('[data-preview]')

function digitsOf(text) {
  return text.replace(/\D/g, '').slice(0, 16)
}

function inFours(digits) {
  return digits.replace(/(.{4})(?=.)/g, '$1 ')
}

function drawPreview() {
  const digits = digitsOf(number.value)
  const banks = JSON.parse(preview.dataset.banks)
  const bank = banks[digits.slice(6, 8)] ?? banks['']
  preview.dataset.bank = bank.key
  preview.querySelector('[data-preview-bank]').textContent = bank.name
  preview.querySelector('[data-preview-number]').textContent = inFours((digits || '620000').padEnd(16, '•'))
  preview.querySelector('[data-preview-holder]').textContent = holder.value
}

function keepInFours() {
  const before = digitsOf(number.value.slice(0, number.selectionStart)).length
  const grouped = inFours(digitsOf(number.value))
  if (grouped !== number.value) {
    number.value = grouped
    const caret = inFours(digitsOf(grouped).slice(0, before)).length
    number.setSelectionRange(caret, caret)
  }
}

if (preview) {
  number.addEventListener('input', () => { keepInFours(); drawPreview() })
  holder.addEventListener('input', drawPreview)
  for (const card of document.querySelectorAll('[data-fill]')) {
    card.addEventListener('click', (event) => {
      event.preventDefault()
      number.value = inFours(card.dataset.fill)
      drawPreview()
      const calm = matchMedia('(prefers-reduced-motion: reduce)').matches
      preview.scrollIntoView({ block: 'start', behavior: calm ? 'auto' : 'smooth' })
      const next = holder.value.trim() ? document.querySelector('button.primary') : holder
      next.focus({ preventScroll: true })
    })
  }
  drawPreview()
}

const code = document.getElementById('code')
const message = document.querySelector('[data-one-time-code]')
const fill = document.querySelector('[data-fill-code]')
if (code && message && fill) {
  fill.hidden = false
  fill.addEventListener('click', () => {
    code.value = message.dataset.oneTimeCode
    document.querySelector('button.primary').focus()
  })
}

const left = document.querySelector('[data-seconds]')
if (left) {
  const end = Date.now() + Number(left.dataset.seconds) * 1000
  const draw = () => {
    const seconds = Math.max(0, Math.round((end - Date.now()) / 1000))
    const time = Math.floor(seconds / 60) + ':' + String(seconds % 60).padStart(2, '0')
    left.textContent = seconds ? left.dataset.left.replace('{time}', time) : left.dataset.over
    if (!seconds) clearInterval(timer)
  }
  const timer = setInterval(draw, 1000)
  draw()
}

document.querySelector('[aria-invalid="true"]')?.focus()

// A second tap on the button must not send the form twice; coming back by the back button makes it usable again.
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault()
    form.dataset.sent = 'yes'
    form.querySelector('button').setAttribute('aria-disabled', 'true')
  })
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    delete form.dataset.sent
    form.querySelector('button').removeAttribute('aria-disabled')
  }
})
