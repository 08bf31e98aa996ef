import { type Command, Config, type Interfaces } from '@oclif/core'
import type { CommandClass } from './base-command.ts'

/** What mq is made of, as the build has gathered it. */
export interface Installation {
  /** The folder with package.json. */
  readonly root: string
  readonly pjson: Interfaces.PJSON
  /** oclif's manifest: what there is to know of the commands without loading them. */
  readonly manifest: { readonly commands: Readonly<Record<string, Command.Cached>> }
  /** Loads a command by its id, e.g. `topics:list`. */
  load(id: string): Promise<CommandClass>
}

/** A command that can be loaded. */
export type PreparedCommand = Command.Cached & { load(): Promise<CommandClass> }

/**
 * oclif's configuration, made from what is known already. oclif itself looks for plugins of the user, a colour theme, the
 * name of the shell and the Windows below a Linux first, at every start, for things mq does not have.
 */
export class PreparedConfig extends Config {
  readonly #commands = new Map<string, PreparedCommand>()
  readonly #topics = new Map<string, Interfaces.Topic>()
  readonly #load: Installation['load']

  constructor(installation: Installation) {
    const { root, pjson, manifest } = installation
    super({ root, pjson })
    this.#load = (id) => installation.load(id)
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
    for (const [id, command] of Object.entries(manifest.commands)) this.#addCommand(id, command)
    this.#addTopics(pjson.oclif.topics ?? {})
  }

  override get commandIDs(): string[] {
    return [...this.#commands.keys()]
  }

  override get commands(): PreparedCommand[] {
    return [...this.#commands.values()]
  }

  override get topics(): Interfaces.Topic[] {
    return [...this.#topics.values()]
  }

  override findCommand(id: string, options: { must: true }): PreparedCommand
  override findCommand(id: string, options?: { must: boolean }): PreparedCommand | undefined
  override findCommand(id: string, options?: { must: boolean }): PreparedCommand | undefined {
    return found(this.#commands.get(id), id, options)
  }

  override findTopic(name: string, options: { must: true }): Interfaces.Topic
  override findTopic(name: string, options?: { must: boolean }): Interfaces.Topic | undefined
  override findTopic(name: string, options?: { must: boolean }): Interfaces.Topic | undefined {
    return found(this.#topics.get(name), name, options)
  }

  /** mq has no hooks. */
  override runHook(): Promise<Interfaces.Hook.Result<never>> {
    return Promise.resolve({ successes: [], failures: [] })
  }

  #addCommand(id: string, cached: Command.Cached): void {
    const load = async (): Promise<CommandClass> => Object.assign(await this.#load(id), { id })
    const command = { ...cached, load }
    this.#commands.set(id, command)
    for (const alias of cached.aliases) this.#commands.set(alias, { ...command, id: alias })
    for (const alias of cached.hiddenAliases) this.#commands.set(alias, { ...command, id: alias, hidden: true })
  }

  /** Every beginning of a command's id is a topic, described or not. */
  #addTopics(described: Readonly<Record<string, Partial<Interfaces.Topic>>>): void {
    for (const [name, topic] of Object.entries(described)) this.#topics.set(name, { ...topic, name })
    for (const { id, hidden, summary, description } of this.#commands.values()) {
      const words = hidden ? [] : id.split(':')
      for (let length = words.length; length > 0; length--) {
        const name = words.slice(0, length).join(':')
        if (!this.#topics.has(name)) this.#topics.set(name, { name, description: summary ?? description })
      }
    }
  }
}

function found<T>(value: T | undefined, name: string, options: { must: boolean } | undefined): T | undefined {
  if (value === undefined && options?.must === true) throw new Error(`there is no ${name}`)
  return value
}
