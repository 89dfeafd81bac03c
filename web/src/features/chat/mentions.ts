/** Whom a text calls: those who were picked and whose name still stands in it. */
export interface Called {
  /** null: everybody */
  id: string | null
  name: string
}

const MOST = 50

export function mentionsIn(text: string, called: Called[]): { mentions?: string[]; mention_all?: true } {
  const standing = called.filter((one) => text.includes(`@${one.name}`))
  const mentions = [...new Set(standing.flatMap((one) => one.id ?? []))].slice(0, MOST)
  return { ...(mentions.length > 0 && { mentions }), ...(standing.some((one) => one.id === null) && { mention_all: true as const }) }
}
