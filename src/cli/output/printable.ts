/** Everything that moves a cursor, changes a mode or hides text: C0, DEL, C1, line separators, bidirectional marks. */
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** The text as it may reach a terminal: each control character shows as `·`. Tabs stay. */
export function printable(text: string): string {
  return text.replace(CONTROL, (character) => (character === '\t' ? character : '·'))
}

/** As {@link printable}, and line feeds stay too. */
export function printableLines(text: string): string {
  return text.replace(CONTROL, (character) => (character === '\t' || character === '\n' ? character : '·'))
}
