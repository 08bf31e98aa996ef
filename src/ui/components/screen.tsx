import { Box, Text } from 'ink'
import type { Size } from '../model/state.ts'
import { type Line, terminalText } from '../text/line.ts'
import type { ScreenView } from '../view/screen.ts'

/** A screen of this size: the header above, the keys below, what is between as high as there is room. */
export function Screen({
  view,
  size,
  color,
}: {
  readonly view: ScreenView
  readonly size: Size
  readonly color: boolean
}) {
  const look = { columns: size.columns, color }
  return (
    <Box flexDirection="column" width={size.columns} height={size.rows}>
      <Lines lines={view.header} look={look} />
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        <Lines lines={view.body} look={look} />
      </Box>
      <Lines lines={view.panels} look={look} />
      <Lines lines={[view.footer]} look={look} />
    </Box>
  )
}

function Lines({
  lines,
  look,
}: {
  readonly lines: readonly Line[]
  readonly look: { readonly columns: number; readonly color: boolean }
}) {
  return (
    <Box flexDirection="column" flexShrink={0}>
      {lines.map((line, index) => (
        // Rows have no identity but their place; a blank keeps an empty one from vanishing.
        <Text key={index} wrap="truncate-end">
          {terminalText(line, look) || ' '}
        </Text>
      ))}
    </Box>
  )
}
