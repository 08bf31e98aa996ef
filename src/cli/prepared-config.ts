import { type Command, Config, type Interfaces } from '@oclif/core'
import type { CommandClass } from './base-command.ts'
import type { CommandNames } from './command-names.ts'

/** What mq is made of, as the build has gathered it. */
export interface Installation {
  /** The folder with package.json. */
  readonly root: string
  readonly pjson: Interfaces.PJSON
  readonly names: CommandNames
  /** oclif's manifest: what there is to know of the commands without loading them. Read when it is first asked for. */
  readonly manifest: { readonly commands: Readonly<Record<string, Command.Cached>> }
  /** Loads a command by its id, e.g. `topics:list`. */
  load(id: string): Promise<CommandClass>
}

/** Loads a command by its id, ready to start. */
export async function loadCommand({ load }: Pick<Installation, 'load'>, id: string): Promise<CommandClass> {
  return Object.assign(await load(id), { id })
}

/** A command that can be loaded. */
export type PreparedCommand = Command.Cached & { load(): Promise<CommandClass> }

/** What is shown of commands. */
interface Known {
  readonly commands: Map<string, PreparedCommand>
  readonly topics: Map<string, Interfaces.Topic>
}

/**
 * oclif's configuration, made from what is known already. oclif itself looks for plugins of the user, a colour theme, the
 * name of the shell and the Windows below a Linux first, at every start, for things mq does not have.
 */
export class PreparedConfig extends Config {
  readonly #installation: Installation
  #known: Known | undefined

  constructor(installation: Installation) {
    const { root, pjson } = installation
    super({ root, pjson })
    this.#installation = installation
    this.root = root
    this.pjson = pjson
    this.name = pjson.name
    this.version = pjson.version
    this.bin = pjson.oclif.bin ?? pjson.name
    this.dirname = pjson.oclif.dirname ?? pjson.name
    this.topicSeparator = pjson.oclif.topicSeparator === ' ' ? ' ' : ':'
    this.valid = true
    this.shell = ''
    this.windows = process.platform === 'win32'
    this.userAgent = `${this.name}/${this.version} ${process.platform}-${process.arch} node-${process.version}`
  }

  get #all(): Known {
    return (this.#known ??= gather(this.#installation))
  }

  override get commandIDs(): string[] {
    return Object.keys(this.#installation.names)
  }

  override get commands(): PreparedCommand[] {
    return [...this.#all.commands.values()]
  }

  override get topics(): Interfaces.Topic[] {
    return [...this.#all.topics.values()]
  }

  override findCommand(id: string, options: { must: true }): PreparedCommand
  override findCommand(id: string, options?: { must: boolean }): PreparedCommand | undefined
  override findCommand(id: string, options?: { must: boolean }): PreparedCommand | undefined {
    return found(this.#all.commands.get(id), id, options)
  }

  override findTopic(name: string, options: { must: true }): Interfaces.Topic
  override findTopic(name: string, options?: { must: boolean }): Interfaces.Topic | undefined
  override findTopic(name: string, options?: { must: boolean }): Interfaces.Topic | undefined {
    return found(this.#all.topics.get(name), name, options)
  }

  /** mq has no hooks. */
  override runHook(): Promise<Interfaces.Hook.Result<never>> {
    return Promise.resolve({ successes: [], failures: [] })
  }
}

function gather(installation: Installation): Known {
  const commands = new Map<string, PreparedCommand>()
  for (const [id, cached] of Object.entries(installation.manifest.commands)) {
    const command = { ...cached, load: () => loadCommand(installation, id) }
    commands.set(id, command)
    for (const alias of cached.aliases) commands.set(alias, { ...command, id: alias })
    for (const alias of cached.hiddenAliases) commands.set(alias, { ...command, id: alias, hidden: true })
  }
  return { commands, topics: topicsOf(commands, installation.pjson.oclif.topics ?? {}) }
}

/** Every beginning of a command's id is a topic, described or not. */
function topicsOf(
  commands: Known['commands'],
  described: Readonly<Record<string, Partial<Interfaces.Topic>>>,
): Known['topics'] {
  const topics = new Map<string, Interfaces.Topic>()
  for (const [name, topic] of Object.entries(described)) topics.set(name, { ...topic, name })
  for (const { id, hidden, summary, description } of commands.values()) {
    const words = hidden ? [] : id.split(':')
    for (let length = words.length; length > 0; length--) {
      const name = words.slice(0, length).join(':')
      if (!topics.has(name)) topics.set(name, { name, description: summary ?? description })
    }
  }
  return topics
}

function found<T>(value: T | undefined, name: string, options: { must: boolean } | undefined): T | undefined {
  if (value === undefined && options?.must === true) throw new Error(`there is no ${name}`)
  return value
}
