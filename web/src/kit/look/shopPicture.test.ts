import { describe, expect, it } from 'vitest'
import { photoOf, pictureOf, signOf } from './shopPicture'

const PHOTO = '019acb3e-5c1d-7d1a-9a55-2f4f4d7c0a11'

describe("a shop's picture", () => {
  it('is a sign, with the id of a photo if there is one', () => {
    for (const sign of ['🍜', '🏷️', '👨‍🍳', 'a/b']) {
      for (const photo of ['', PHOTO]) {
        const picture = pictureOf(sign, photo)
        expect([signOf(picture), photoOf(picture)]).toEqual([sign, photo])
      }
    }
  })

  it('names no photo by anything but an id', () => {
    for (const picture of ['🍜/', '🍜/..', `🍜/${PHOTO}/x`, `🍜/${PHOTO.toUpperCase()}`, `/${PHOTO}`, '🍜/../../x']) {
      expect([signOf(picture), photoOf(picture)]).toEqual([picture, ''])
    }
  })
})
