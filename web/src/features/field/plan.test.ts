import { describe, expect, it } from 'vitest'
import type { StreetPlace } from './field'
import { HEIGHT, planOf, positionOf, roomFor, streetOf, tilesOf, WIDTH, wordsOf } from './plan'

const place = (name: string, latitude_e6: number, longitude_e6: number, address = ''): StreetPlace => ({
  id: name,
  name,
  trade: 'other',
  address,
  size: 'small',
  area_id: null,
  position: { latitude_e6, longitude_e6 },
  wallets: 'none',
  codes: [],
  demand: null,
  shop: null,
})

describe('a plan of the street', () => {
  it('has north on top and west on the left, all within its edges', () => {
    const { dots } = planOf([place('south-west', 32_040_000, 118_760_000), place('north-east', 32_050_000, 118_780_000)])
    const [first, second] = dots
    expect(first!.x).toBeLessThan(second!.x)
    expect(first!.y).toBeGreaterThan(second!.y)
    for (const { x, y } of dots) expect(x > 0 && x < WIDTH && y > 0 && y < HEIGHT).toBe(true)
  })

  it('keeps distances true in both directions', () => {
    const { dots, scale } = planOf([place('a', 60_000_000, 10_000_000), place('north', 60_001_000, 10_000_000), place('east', 60_000_000, 10_002_000)])
    const [a, north, east] = dots
    // At sixty degrees a degree of longitude is half as long.
    expect(east!.x - a!.x).toBeCloseTo(a!.y - north!.y, 0)
    expect((scale.metres / scale.length) * (a!.y - north!.y)).toBeCloseTo(111.2, 0)
  })

  it('draws a street through the places that stand in it', () => {
    const { streets } = planOf([place('a', 32_040_000, 118_760_000, '南门街 3 号'), place('b', 32_040_000, 118_770_000, '南门街 12 号'), place('c', 32_050_000, 118_765_000, '北门街 1 号')])
    expect(streets.map((street) => street.name)).toEqual(['南门街'])
    expect(streetOf('12 Mill Lane')).toBe('Mill Lane')
  })

  it('draws one place in the middle, and nothing for none', () => {
    expect(planOf([place('a', 32_040_000, 118_760_000)]).dots[0]).toMatchObject({ x: WIDTH / 2, y: HEIGHT / 2 })
    expect(planOf([{ ...place('a', 0, 0), position: null }]).dots).toEqual([])
  })
})

describe('a dense street', () => {
  const dense = (count: number) => Array.from({ length: count }, (_, index) => place(`${index}`, 32_040_000 + (index % 3) * 20, 118_760_000 + index * 60, `南门街 ${index + 1} 号`))
  const distances = (dots: { x: number; y: number }[]) => dots.flatMap((one, index) => dots.slice(0, index).map((other) => Math.hypot(one.x - other.x, one.y - other.y)))

  it('is drawn so far apart that each mark can be seen, within the plan and in its order', () => {
    const { dots } = planOf([...dense(20), ...dense(3)], 60)
    expect(Math.min(...distances(dots))).toBeGreaterThan(55)
    for (const { x, y } of dots) expect(x > 0 && x < WIDTH && y > 0 && y < HEIGHT).toBe(true)
    expect(dots[19]!.x - dots[0]!.x).toBeGreaterThan(WIDTH / 2)
  })

  it('moves nothing that has room', () => {
    const far = [place('a', 32_040_000, 118_760_000), place('b', 32_044_000, 118_770_000)]
    expect(planOf(far, 60).dots).toEqual(planOf(far).dots)
  })

  it('takes smaller marks for more places than there is room for', () => {
    expect(roomFor(5, 60)).toBe(60)
    expect(roomFor(400, 60)).toBeLessThan(31)
  })

  it('has its name beyond its marks where these stand closer than the name is wide', () => {
    // A shop every fifty metres, and another street so far away that these are close together on the plan.
    const doors = Array.from({ length: 6 }, (_, index) => ({ ...place(`${index}`, 30_240_000 + (index % 2) * 52, 120_160_000 + index * 520, `南门街 ${8 + 2 * index} 号`), demand: { people: 5, coupons_minor: 0 } }))
    const plan = planOf([...doors, place('far', 30_244_160, 120_164_160, '东市场 20 号')])
    const { streets, asked } = wordsOf(plan, 1, 17, false)
    expect(asked.slice(0, 6).every(Boolean)).toBe(true)
    expect(streets).toHaveLength(1)
    expect(Math.abs(streets[0]!.y - plan.streets[0]!.from.y)).toBeLessThan(70)
    for (const dot of plan.dots) expect(Math.abs(dot.y - streets[0]!.y) > 17 || Math.abs(dot.x - streets[0]!.x) > 40).toBe(true)
  })

  it('has no word upon a mark or another word, and rather none', () => {
    const plan = planOf(dense(12), 92)
    const { turns, streets } = wordsOf(plan, 2, 30, true)
    for (const word of turns) for (const dot of plan.dots) expect(Math.abs(word.x - dot.x) < 10 && Math.abs(word.y - dot.y) < 20).toBe(false)
    expect(new Set(turns.map((word) => `${word.x} ${word.y}`)).size).toBe(12)
    expect(streets).toHaveLength(1)
    const crowded = planOf(dense(60), roomFor(60, 60))
    expect(wordsOf(crowded, 4, 200, false).streets).toEqual([null])
  })
})

describe('the map under a plan', () => {
  const URL = 'https://tiles.example/{z}/{x}/{y}.png'

  /** https://wiki.openstreetmap.org/wiki/Slippy_map_tilenames */
  function mapped({ position }: StreetPlace, zoom: number) {
    const [latitude, longitude] = [(position!.latitude_e6 / 1e6) * (Math.PI / 180), position!.longitude_e6 / 1e6]
    return { x: ((longitude + 180) / 360) * 2 ** zoom, y: ((1 - Math.log(Math.tan(latitude) + 1 / Math.cos(latitude)) / Math.PI) / 2) * 2 ** zoom }
  }

  it('has each place where its mark is, of a street as of a country', () => {
    for (const apart of [0.001, 0.02, 12]) {
      const places = [place('a', 32.04e6, 118.76e6), place('b', (32.04 + apart) * 1e6, (118.76 + apart) * 1e6), place('c', (32.04 + apart / 3) * 1e6, (118.76 + apart / 2) * 1e6)]
      const plan = planOf(places)
      for (const unit of [1, 2]) {
        for (const tile of tilesOf(plan, URL, unit)) {
          const [z, x, y] = /(\d+)\/(\d+)\/(\d+)\.png/.exec(tile.url)!.slice(1).map(Number)
          for (const dot of plan.dots) {
            const where = mapped(dot.place, z!)
            expect(tile.x + (where.x - x!) * tile.side).toBeCloseTo(dot.x, 1)
            expect(tile.y + (where.y - y!) * tile.side).toBeCloseTo(dot.y, 1)
          }
        }
      }
    }
  })

  it('lies under all of it, in tiles that can be counted, and fewer where they are drawn larger', () => {
    for (const places of [[place('a', 32_040_000, 118_760_000), place('b', 32_060_000, 118_790_000)], [place('a', -60_000_000, -170_000_000), place('b', 70_000_000, 170_000_000)]]) {
      const tiles = tilesOf(planOf(places), URL)
      expect(tiles.length).toBeLessThan(60)
      expect(tilesOf(planOf(places), URL, 2).length).toBeLessThan(tiles.length)
      for (const [x, y] of [[100, 150], [WIDTH - 100, HEIGHT - 150]] as const)
        expect(tiles.filter((one) => one.x <= x && x <= one.x + one.side && one.y <= y && y <= one.y + one.side)).toHaveLength(1)
    }
  })

  it('is not asked for where none is configured', () => {
    expect(tilesOf(planOf([place('a', 32_040_000, 118_760_000)]), '')).toEqual([])
    expect(tilesOf(planOf([]), URL)).toEqual([])
  })
})

describe('a typed position', () => {
  it('is latitude and longitude in degrees, however they are parted', () => {
    expect(positionOf('32.041544, -118.767413')).toEqual({ latitude_e6: 32_041_544, longitude_e6: -118_767_413 })
    expect(positionOf(' 32.04，118.76 ')).toEqual({ latitude_e6: 32_040_000, longitude_e6: 118_760_000 })
  })

  it('is nothing when a part is missing, too much or no number', () => {
    for (const text of ['', '32', '91, 0', '0, 181', 'north, west', '1, 2, 3']) expect(positionOf(text)).toBeNull()
  })
})
