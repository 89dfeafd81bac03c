/** How a shop's picture is told: an emoji; if the shop has a photo, followed by / and the photo's id. */
const WITH_PHOTO = /^(.+)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/su

export const signOf = (picture: string) => WITH_PHOTO.exec(picture)?.[1] ?? picture

export const photoOf = (picture: string) => WITH_PHOTO.exec(picture)?.[2] ?? ''

export const pictureOf = (sign: string, photo: string) => (photo ? `${sign}/${photo}` : sign)
