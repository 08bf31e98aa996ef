import {
  findTopic,
  GroupAdmin,
  type GroupOnBroker,
  groupSettingNames,
  isGroupSetting,
  readGroupSetting,
  type WantedSettings,
} from '../../core/admin/index.ts'
import { UsageError } from '../../core/errors.ts'
import { retryTopic } from '../../core/protocol/index.ts'
import type { CommandContext } from '../command-context.ts'
import type { Connection } from '../connect.ts'
import { ExitCode } from '../error-report.ts'
import { invokeOptions } from '../invoke-options.ts'
import { noSuchGroup } from '../offsets/known-group.ts'
import type { Column, ListFormat } from '../output/list.ts'
import { printList } from '../output/print-list.ts'
import { didYouMean } from '../suggest.ts'
import { changeGroup, settingsJson } from './change-group.ts'
import { findGroup, type GroupParts, type GroupToChange } from './find-group.ts'

/** Settings as written: `retryMaxTimes=5`. Throws UsageError for a name or a value that is none. */
export function wantedSettings(texts: readonly string[]): WantedSettings {
  const wanted = texts.map((text) => {
    const [, name = '', value = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    if (isGroupSetting(name)) return readGroupSetting(name, value.trim())
    const what = text.includes('=') ? `there is no setting ${name}` : `'${text}' is not SETTING=VALUE`
    const suggestions = [...didYouMean(name || text, groupSettingNames), `there is ${groupSettingNames.join(', ')}`]
    throw new UsageError(`--set: ${what}`, { suggestions })
  })
  return Object.assign({}, ...wanted) as WantedSettings
}

/** Changes settings of a group after a review; see {@link changeGroup}. */
export async function configureGroup(group: string, wanted: WantedSettings, parts: GroupParts): Promise<number> {
  const target = await findGroup(group, parts)
  const notes = await retryQueueNotes(target, wanted, parts)
  const already = `group ${group} is as wanted everywhere: nothing to do`
  return changeGroup({ wanted, question: 'Change the group?', notes, already }, target, parts)
}

/** Makes a group where a broker does not know it; those that do keep theirs but for what is set. */
export async function createGroup(group: string, wanted: WantedSettings, parts: GroupParts): Promise<number> {
  const target = await findGroup(group, parts, { mayBeNew: true })
  const already = `group ${group} exists already and is as wanted: nothing to do`
  return changeGroup({ wanted, question: 'Change the group?', notes: [], already }, target, parts)
}

/** A retry topic that is there keeps its queues, and brokers put messages into queues nobody reads. */
async function retryQueueNotes(
  { group }: GroupToChange,
  { retryQueueNums }: WantedSettings,
  { connection, context }: GroupParts,
): Promise<readonly string[]> {
  if (retryQueueNums === undefined) return []
  const topic = retryTopic(group)
  const { having } = await findTopic(connection.client, topic, invokeOptions(context))
  return having
    .filter(({ config }) => (config?.readQueueNums ?? retryQueueNums) < retryQueueNums)
    .map(({ master, config }) => {
      const name = connection.userName(topic)
      const count = config?.readQueueNums ?? 0
      return `${master.brokerName}: ${name} has ${count} queues, and retries would go where nobody reads; first: mq topics create '${name}' --queues ${retryQueueNums}`
    })
}

/** Writes how each broker is set for a group. Resolves to the exit code: 6 when somebody did not answer. */
export async function showGroupConfig(
  request: { readonly group: string; readonly format: ListFormat },
  { context, connection }: { readonly context: CommandContext; readonly connection: Connection },
): Promise<number> {
  const group = connection.wireName(request.group)
  const { found, known, names, errors } = await new GroupAdmin(connection.client, invokeOptions(context)).find(group)
  const [first] = errors
  if (!known && first !== undefined) throw first.error
  if (!known) throw noSuchGroup(group, names, connection)
  const having = found.filter(({ config }) => config !== undefined)
  const partial = errors.map(({ source, error }) => ({ source, message: error.message }))
  const { format } = request
  if (format === 'table' || format === 'wide' || format === 'csv') {
    const list = { name: 'settings', items: settingRows(having, connection), columns: columnsOf(having) }
    await printList({ ...list, errors: partial }, format, context)
  } else {
    const items = having.map((one) => brokerItem(one, connection))
    const more = { group: request.group }
    await printList({ name: 'brokers', items, columns: [], errors: partial, more }, format, context)
  }
  return errors.length > 0 ? ExitCode.PARTIAL : ExitCode.DONE
}

function brokerItem({ master, config, banned }: GroupOnBroker, connection: Pick<Connection, 'userName'>) {
  const paused = banned.map((topic) => connection.userName(topic))
  const settings = config === undefined ? null : settingsJson(config)
  return { broker: master.brokerName, cluster: master.cluster, settings, pausedTopics: paused }
}

interface SettingRow {
  readonly setting: string
  readonly values: ReadonlyMap<string, string | number | boolean | undefined>
}

function settingRows(having: readonly GroupOnBroker[], connection: Pick<Connection, 'userName'>): SettingRow[] {
  const row = (
    setting: string,
    valueOn: (one: GroupOnBroker) => string | number | boolean | undefined,
  ): SettingRow => ({
    setting,
    values: new Map(having.map((one) => [one.master.brokerName, valueOn(one)])),
  })
  return [
    ...groupSettingNames.map((name) => row(name, ({ config }) => config?.[name])),
    row('pausedTopics', ({ banned }) => banned.map((topic) => connection.userName(topic)).join(',') || undefined),
  ]
}

function columnsOf(having: readonly GroupOnBroker[]): Column<SettingRow>[] {
  return [
    { head: 'SETTING', value: ({ setting }) => setting },
    ...having.map(({ master: { brokerName } }) => ({
      head: brokerName,
      value: ({ values }: SettingRow) => {
        const value = values.get(brokerName)
        return value === undefined ? undefined : String(value)
      },
    })),
  ]
}
