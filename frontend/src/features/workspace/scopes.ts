/** Permissions in groups: `calls.read` and `calls.place` stand together under `calls`. */
export interface Permission {
  name: string
  description: string
}

export interface PermissionGroup {
  name: string
  permissions: Permission[]
}

/** In the order in which the server names them. */
export function grouped(permissions: readonly Permission[]): PermissionGroup[] {
  const groups = new Map<string, Permission[]>()
  for (const permission of permissions) {
    const name = permission.name.split('.')[0]!
    groups.set(name, [...(groups.get(name) ?? []), permission])
  }
  return [...groups].map(([name, members]) => ({ name, permissions: members }))
}

/** `chosen` with all of `names` in it, or none of them: all, unless all are there already. */
export function toggled(chosen: readonly string[], names: readonly string[]): string[] {
  const rest = chosen.filter((name) => !names.includes(name))
  return names.every((name) => chosen.includes(name)) ? rest : [...rest, ...names]
}

export interface KeyDates {
  expires_at: string | null
  revoked_at: string | null
}

export type KeyState = 'active' | 'expired' | 'revoked'

export function stateOf(key: KeyDates, now = Date.now()): KeyState {
  if (key.revoked_at) return 'revoked'
  return key.expires_at && Date.parse(key.expires_at) <= now ? 'expired' : 'active'
}
