/** What each column of a file is, as it is chosen, and as the API has it. */
import { type ColumnMapping, ROLES, type Role } from '../shared/types'

/** "" leaves the column out; "variable" gives it to the prompt as `variable`. */
export interface ColumnChoice {
  column: string
  role: Role | 'variable' | ''
  variable: string
}

export function choicesOf(columns: readonly string[], mapping: ColumnMapping): ColumnChoice[] {
  return columns.map((column) => {
    const role = ROLES.find((one) => mapping[one] === column)
    if (role) return { column, role, variable: '' }
    const variable = Object.entries(mapping.variables ?? {}).find(([, of]) => of === column)?.[0]
    return { column, role: variable ? 'variable' : '', variable: variable ?? nameFor(column) }
  })
}

export function mappingOf(choices: readonly ColumnChoice[]): ColumnMapping {
  const mapping: ColumnMapping = { variables: {} }
  for (const { column, role, variable } of choices) {
    if (role === 'variable') mapping.variables![variable.trim()] = column
    else if (role) mapping[role] = column
  }
  return mapping
}

/** "First name" -> "first_name": what a variable of that column is usually called. */
export function nameFor(column: string): string {
  const name = column
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
  return name.slice(0, 64)
}

export type MappingFault = 'number' | 'twice' | 'name'

/** Faults by column; that of "" is the file's: no column has the numbers. */
export function mappingFaults(choices: readonly ColumnChoice[]): Record<string, MappingFault> {
  const faults: Record<string, MappingFault> = {}
  if (!choices.some(({ role }) => role === 'number')) faults[''] = 'number'
  const taken = new Set<string>()
  for (const { column, role, variable } of choices) {
    if (!role) continue
    const what = role === 'variable' ? `{{${variable.trim()}}}` : role
    if (role === 'variable' && !/^[a-z][a-z0-9_]{0,63}$/.test(variable.trim())) faults[column] = 'name'
    else if (taken.has(what)) faults[column] = 'twice'
    taken.add(what)
  }
  return faults
}

/** Of the variables that a prompt asks for (each with its default), those that would stay empty. */
export function missingVariables(
  wanted: Record<string, string>,
  choices: readonly ColumnChoice[],
  defaults: Record<string, string>,
): string[] {
  const given = new Set(
    choices.filter(({ role }) => role === 'variable').map(({ variable }) => variable.trim()),
  )
  return Object.keys(wanted).filter((name) => !wanted[name] && !defaults[name] && !given.has(name))
}
