/** Imports a module of the user's. The bundle has no module that `import()` could belong to, and is given one. */
export async function importFile(fileUrl: string): Promise<Readonly<Record<string, unknown>>> {
  return (await import(fileUrl)) as Readonly<Record<string, unknown>>
}
