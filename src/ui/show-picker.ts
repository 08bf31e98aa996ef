import { type DashboardTerminal, perform } from './perform.tsx'
import { Picker, type PickerParts } from './picker.ts'

/** What is to be chosen, and where. */
export interface PickerOptions extends Omit<PickerParts, 'terminal'> {
  readonly terminal: DashboardTerminal
  readonly color: boolean
}

/** Lets somebody choose one of a list, and leaves the terminal as it was. Resolves to its key, or `undefined` when nothing was chosen. */
export async function showPicker(options: PickerOptions): Promise<string | undefined> {
  let picker: Picker | undefined
  await perform(options, (hall) => {
    picker = new Picker(options, hall)
    return picker
  })
  return picker?.chosen
}
