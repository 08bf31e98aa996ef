/** Everything that moves a cursor, changes a mode or hides text: what members call themselves comes from the wire. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g

/** The text as it may reach a terminal, in one line. */
export function clean(text: string): string {
  return text.replace(CONTROL, '·')
}

/** How many columns a cleaned text takes. */
export function widthOf(text: string): number {
  // Nearly everything is ASCII.
  if (/^[\u0020-\u007e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text) width += widthOfCharacter(character)
  return width
}

function widthOfCharacter(character: string): number {
  if (/\p{Mark}/u.test(character)) return 0
  return /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
    character,
  ) || (character.codePointAt(0) ?? 0) >= 0x20000
    ? 2
    : 1
}

/** The beginning of a text, in so many columns at most; a wide character that does not fit wholly is left out. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  let taken = ''
  let used = 0
  for (const character of text) {
    used += widthOfCharacter(character)
    if (used > width) break
    taken += character
  }
  return taken
}

/** A name in so many columns at most: what it begins and ends with tells it from others. */
export function cutMiddle(text: string, width: number): string {
  if (widthOf(text) <= width) return text
  if (width <= 3) return cut(text, width)
  const head = Math.ceil((width - 2) / 2)
  const characters = Array.from(text)
  let tail = ''
  for (let at = characters.length - 1; at >= 0; at--) {
    const longer = `${characters[at] ?? ''}${tail}`
    if (widthOf(longer) > width - 2 - head) break
    tail = longer
  }
  return `${cut(text, head)}..${tail}`
}

/** A text in exactly so many columns. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left'): string {
  const short = cut(text, width)
  const padding = ' '.repeat(Math.max(0, width - widthOf(short)))
  return align === 'left' ? `${short}${padding}` : `${padding}${short}`
}
