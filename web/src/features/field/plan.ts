/** A plan of the street, drawn from nothing but where its places stand and what their addresses say: it needs no network. */
import type { Position, Spot } from './field'

export const WIDTH = 1000
export const HEIGHT = 560
const EDGE = 60
/** Where the bar of the scale begins. */
export const SCALE_AT = 40
/** Metres of a thousandth of a degree of latitude. */
const METRES_PER_E3 = 111.2

export interface Dot<P extends Spot = Spot> {
  place: P
  x: number
  y: number
  /** Where the place stands, if its mark gave way to others. */
  stands: { x: number; y: number }
}

export interface Street {
  name: string
  from: { x: number; y: number }
  to: { x: number; y: number }
}

/** Where a word stands, in the height of its middle. */
export interface Word {
  x: number
  y: number
  anchor: 'start' | 'middle' | 'end'
}

/** Words beside the streets and the dots, in their order; nothing where there is no room for one. */
export interface Words {
  streets: (Word | null)[]
  turns: Word[]
  asked: (Word | null)[]
}

export interface Plan<P extends Spot = Spot> {
  dots: Dot<P>[]
  streets: Street[]
  /** A round number of metres and how long it is on the plan. */
  scale: { metres: number; length: number }
  /** Where a point of the earth is on it. */
  at: (where: Position) => { x: number; y: number }
}

/** A picture of the map under the plan. */
export interface Tile {
  url: string
  x: number
  y: number
  side: number
}

const DEEPEST = 19
const TILE = 256
/** Where Web Mercator's square ends: nobody maps the poles. */
const NORTHERNMOST_E6 = 85.0511287798e6
/** What is seen around a plan: a little on a phone, and wherever the screen is wider than the plan more on both sides. */
const AROUND = 80
const ASIDE = 320
/** More than these are drawn where they stand, whatever lies upon what. */
const MOST_MOVED = 250
const ROUNDS = 60
/** Half the height of a line beside that of its letters. */
const LINE = 0.7
const NOWHERE: Plan<never> = { dots: [], streets: [], scale: { metres: 0, length: 0 }, at: () => ({ x: 0, y: 0 }) }

/** "南门街 12 号" and "12 Mill Lane" stand in "南门街" and "Mill Lane". */
export const streetOf = (address: string) => address.replace(/^\d+\S*\s+/, '').replace(/\s*\d.*$/, '').trim()

/** Where "32.041544, 118.767413" is; nothing for what is not latitude and longitude in degrees. */
export function positionOf(text: string): Position | null {
  const parts = text.split(/[,，\s]+/).filter(Boolean)
  const [latitude, longitude] = parts.map(Number)
  if (parts.length !== 2 || !(Math.abs(latitude!) <= 90) || !(Math.abs(longitude!) <= 180)) return null
  return { latitude_e6: Math.round(latitude! * 1e6), longitude_e6: Math.round(longitude! * 1e6) }
}

/** How far north it is in Web Mercator, in millionths of a degree at the equator. */
function northOf(latitude_e6: number): number {
  const within = Math.min(NORTHERNMOST_E6, Math.max(-NORTHERNMOST_E6, latitude_e6))
  return (Math.asinh(Math.tan((within / 1e6) * (Math.PI / 180))) * 180e6) / Math.PI
}

/**
 * A plan in Web Mercator, as maps on the net are drawn: true in its angles everywhere, and in its distances within a town.
 *
 * apart: how far from each other dots are drawn at least; what stands closer together is moved aside
 */
export function planOf<P extends Spot>(places: P[], apart = 0): Plan<P> {
  const known = places.flatMap((place) => (place.position ? [{ place, position: place.position }] : []))
  if (!known.length) return NOWHERE
  const norths = known.map((one) => northOf(one.position.latitude_e6))
  const longitudes = known.map((one) => one.position.longitude_e6)
  const north = Math.max(...norths)
  const west = Math.min(...longitudes)
  const latitudes = known.map((one) => one.position.latitude_e6)
  const middle_e6 = (Math.min(...latitudes) + Math.max(...latitudes)) / 2
  // The farther from the equator, the larger a place is drawn.
  const stretch = 1 / Math.max(0.05, Math.cos((middle_e6 / 1e6) * (Math.PI / 180)))
  const high = north - Math.min(...norths)
  const wide = Math.max(...longitudes) - west
  // What stands within fifty metres is not drawn any larger.
  const least = 450 * stretch
  const scale = Math.min((WIDTH - 2 * EDGE) / Math.max(wide, least), (HEIGHT - 2 * EDGE) / Math.max(high, least))
  const left = (WIDTH - wide * scale) / 2
  const top = (HEIGHT - high * scale) / 2
  const at = ({ latitude_e6, longitude_e6 }: Position) => ({ x: left + (longitude_e6 - west) * scale, y: top + (north - northOf(latitude_e6)) * scale })
  const stand = known.map(({ place, position }) => ({ place, ...at(position), stands: at(position) }))
  const dots = movedApart(stand, apart)
  return { dots, streets: streetsOf(dots), scale: scaleOf(scale * stretch * 1000), at }
}

/**
 * The tiles that lie under a plan.
 *
 * url: with {z}, {x} and {y} of Web Mercator's tiles; unit: how much larger than its picture a tile is drawn, about, so that what is
 * written on it can be read on a plan that is shown smaller
 */
export function tilesOf({ dots, at }: Plan, url: string, unit = 1): Tile[] {
  if (!url || !dots.length) return []
  const corner = at({ latitude_e6: NORTHERNMOST_E6, longitude_e6: -180e6 })
  const world = at({ latitude_e6: 0, longitude_e6: 180e6 }).x - corner.x
  const zoom = Math.min(DEEPEST, Math.max(0, Math.round(Math.log2(world / (TILE * unit)))))
  const across = 2 ** zoom
  const side = world / across
  const within = (value: number) => Math.min(across - 1, Math.max(0, Math.floor(value / side)))
  const aside = unit > 1 ? AROUND : ASIDE
  const tiles: Tile[] = []
  for (let y = within(-AROUND - corner.y); y <= within(HEIGHT + AROUND - corner.y); y++) {
    for (let x = within(-aside - corner.x); x <= within(WIDTH + aside - corner.x); x++) {
      const values: Record<string, number> = { z: zoom, x, y }
      tiles.push({ url: url.replace(/\{([zxy])\}/g, (_, name: string) => String(values[name])), x: corner.x + x * side, y: corner.y + y * side, side })
    }
  }
  return tiles
}

/** How far apart so many marks can be that are to be `wanted` apart: less where there are too many for the plan. */
export const roomFor = (count: number, wanted: number) => Math.min(wanted, 0.8 * Math.sqrt((WIDTH * HEIGHT) / Math.max(count, 1)))

/** Two that are too close give way to each other, a little to the sides of their street, until none is; or as far as there is room. */
function movedApart<P extends Spot>(dots: Dot<P>[], least: number): Dot<P>[] {
  if (!least || dots.length > MOST_MOVED) return dots
  const moved = dots.map((dot) => ({ ...dot }))
  const within = (value: number, most: number) => Math.min(most - EDGE / 2, Math.max(EDGE / 2, value))
  for (let round = 0, close = true; close && round < ROUNDS; round++) {
    close = false
    for (const [place, one] of moved.entries()) {
      for (const [index, other] of moved.slice(0, place).entries()) {
        const distance = Math.hypot(one.x - other.x, one.y - other.y)
        if (distance >= least - 0.5) continue
        close = true
        const aside = (place + index) % 2 ? 0.3 : -0.3
        const angle = (distance < 0.01 ? place * 2.4 : Math.atan2(one.y - other.y, one.x - other.x)) + aside
        const [dx, dy] = [(Math.cos(angle) * (least - distance)) / 2, (Math.sin(angle) * (least - distance)) / 2]
        ;[one.x, one.y] = [within(one.x + dx, WIDTH), within(one.y + dy, HEIGHT)]
        ;[other.x, other.y] = [within(other.x - dx, WIDTH), within(other.y - dy, HEIGHT)]
      }
    }
  }
  return moved
}

interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

const meet = (one: Box, other: Box) => one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom

/** Chinese letters are as wide as high, others about half. */
const wideOf = (text: string, size: number) => [...text].reduce((sum, letter) => sum + (letter > '\u2e7f' ? size : size * 0.58), 0)

/**
 * Where words are not upon a mark or each other: turns first, which are always said, then who asked, then the streets' names.
 *
 * unit: how much larger than usual the marks are drawn; size: of a street's name; underneath: where the bar of the scale is
 */
export function wordsOf({ dots, streets, scale }: Plan, unit: number, size: number, walked: boolean, underneath = HEIGHT - 28): Words {
  const bar = { left: SCALE_AT, top: underneath - 40, right: SCALE_AT + scale.length, bottom: underneath + 4 }
  const marks = dots.map(({ x, y }) => ({ left: x - 17 * unit, top: y - 17 * unit, right: x + 17 * unit, bottom: y + 17 * unit }))
  const taken: Box[] = [bar, ...marks]
  function settled(text: string, high: number, places: Word[]): Word | null {
    const wide = wideOf(text, high)
    for (const word of places) {
      const left = word.x - { start: 0, middle: 0.5, end: 1 }[word.anchor] * wide
      const box = { left, top: word.y - high * LINE, right: left + wide, bottom: word.y + high * LINE }
      if (taken.some((other) => meet(box, other))) continue
      taken.push(box)
      return word
    }
    return null
  }
  const turns = dots.map(({ x, y }, index): Word => {
    const corners: Word[] = [[-18, -22, 'end'], [18, -22, 'start'], [-18, 22, 'end'], [18, 22, 'start'], [0, -30, 'middle'], [0, 30, 'middle']].map(
      ([dx, dy, anchor]) => ({ x: x + Number(dx) * unit, y: y + Number(dy) * unit, anchor: anchor as Word['anchor'] }),
    )
    return (walked && settled(String(index + 1), 24 * unit, corners)) || corners[0]!
  })
  const asked = dots.map(({ place, x, y }) =>
    place.demand ? settled(String(place.demand.people), 16 * unit, [{ x, y: y + 30 * unit, anchor: 'middle' }, { x, y: y - 30 * unit, anchor: 'middle' }]) : null,
  )
  const names = streets.map(({ name, from, to }) => {
    const [dx, dy] = [to.x - from.x, to.y - from.y]
    // On either side of the street, in its middle or nearer to one of its ends; close to it, or beyond its marks, or beyond what is said of them.
    const places = [size * LINE + 14, size * LINE + 21 * unit, size * LINE + 42 * unit].flatMap((away) =>
      [0.5, 0.3, 0.7, 0.1, 0.9].flatMap((part) => [-1, 1].map((side): Word => ({ x: from.x + dx * part, y: from.y + dy * part + side * away, anchor: 'middle' }))),
    )
    const within = (word: Word) => Math.min(word.y, HEIGHT - word.y) > size * LINE && Math.min(word.x, WIDTH - word.x) > wideOf(name, size) / 2
    return settled(name, size, places.filter(within))
  })
  return { streets: names, turns, asked }
}

/** A line through the two places of a street that are farthest apart. */
function streetsOf(dots: Dot[]): Street[] {
  const along = new Map<string, Dot[]>()
  for (const dot of dots) {
    const name = streetOf(dot.place.address)
    if (name) along.set(name, [...(along.get(name) ?? []), dot])
  }
  return [...along].flatMap(([name, stand]) => {
    if (stand.length < 2) return []
    const byX = [...stand].sort((one, other) => one.x - other.x)
    const byY = [...stand].sort((one, other) => one.y - other.y)
    const flat = byX.at(-1)!.x - byX[0]!.x >= byY.at(-1)!.y - byY[0]!.y
    const [from, to] = flat ? [byX[0]!, byX.at(-1)!] : [byY.at(-1)!, byY[0]!]
    const length = Math.hypot(to.x - from.x, to.y - from.y)
    if (length < 1) return []
    const [dx, dy] = [((to.x - from.x) / length) * 40, ((to.y - from.y) / length) * 40]
    return [{ name, from: { x: from.x - dx, y: from.y - dy }, to: { x: to.x + dx, y: to.y + dy } }]
  })
}

/** length_e3: of a thousandth of a degree on the plan */
function scaleOf(length_e3: number): Plan['scale'] {
  const perMetre = length_e3 / METRES_PER_E3
  const metres = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000].findLast((one) => one * perMetre <= WIDTH / 5) ?? 10
  return { metres, length: metres * perMetre }
}
