import { UsageError } from '../../errors.ts'
import { type GroupConfig, groupConfigShape } from '../../protocol/index.ts'
import type { Master } from '../cluster-masters.ts'

/** The settings of a group that can be changed, by Java's names, with what each takes. */
const settings = {
  consumeEnable: 'boolean',
  consumeFromMinEnable: 'boolean',
  consumeBroadcastEnable: 'boolean',
  consumeMessageOrderly: 'boolean',
  retryQueueNums: { min: 1, max: 65_535 },
  retryMaxTimes: { min: 0, max: 2_147_483_647 },
  consumeTimeoutMinute: { min: 1, max: 2_147_483_647 },
  notifyConsumerIdsChangedEnable: 'boolean',
  brokerId: { min: 0, max: 2_147_483_647 },
  whichBrokerWhenConsumeSlowly: { min: 0, max: 2_147_483_647 },
} as const

type SettingName = keyof typeof settings

/** Settings of a group. */
export type GroupSettings = Pick<GroupConfig, SettingName>

/** The names of the settings that can be changed. */
export const groupSettingNames = Object.keys(settings) as readonly SettingName[]

/** What is to be changed of a group. */
export type WantedSettings = Partial<GroupSettings>

/** Whether that is the name of a setting. */
export function isGroupSetting(name: string): name is SettingName {
  return Object.hasOwn(settings, name)
}

/** A setting as written, `retryMaxTimes` and `5`. Throws UsageError for a value it cannot have. */
export function readGroupSetting(name: SettingName, text: string): WantedSettings {
  const takes = settings[name]
  if (takes === 'boolean') {
    if (text !== 'true' && text !== 'false') throw new UsageError(`${name} is true or false, not '${text}'`)
    return { [name]: text === 'true' }
  }
  const value = /^\d{1,10}$/.test(text) ? Number(text) : Number.NaN
  if (Number.isNaN(value) || value < takes.min || value > takes.max) {
    throw new UsageError(`${name} is a whole number from ${takes.min} to ${takes.max}, not '${text}'`)
  }
  return { [name]: value }
}

/** What will happen to a group on one broker. */
export interface GroupChange {
  readonly master: Master
  /** As stored; `undefined`: the broker does not know the group. */
  readonly before: GroupConfig | undefined
  /** As it will be: everything that is not wanted otherwise stays. */
  readonly after: GroupConfig
  readonly effect: 'create' | 'update' | 'same'
}

/** What is to be done on a broker where the group now has this configuration. */
export function planGroup(
  group: string,
  wanted: WantedSettings,
  { master, config }: { readonly master: Master; readonly config: GroupConfig | undefined },
): GroupChange {
  const before = config
  const after = { ...(before ?? groupConfigShape.read(new Map([['groupName', group]]), 'group')), ...wanted }
  const effect = before === undefined ? 'create' : changedSettings(before, after).length === 0 ? 'same' : 'update'
  return { master, before, after, effect }
}

/** The names of the settings that differ. */
export function changedSettings(a: GroupSettings, b: GroupSettings): readonly SettingName[] {
  return groupSettingNames.filter((name) => a[name] !== b[name])
}
