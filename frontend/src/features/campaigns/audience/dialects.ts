/** How a file may be written, and having it looked at again. */
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '@/api/client'

/** By their names in the API. */
export const ENCODINGS = [
  ['utf-8', 'Unicode (UTF-8)'],
  ['utf-16', 'Unicode (UTF-16)'],
  ['cp1252', 'Western European (Windows-1252)'],
  ['iso8859-15', 'Western European (ISO 8859-15)'],
  ['cp1250', 'Central European (Windows-1250)'],
  ['cp1251', 'Cyrillic (Windows-1251)'],
  ['cp1253', 'Greek (Windows-1253)'],
  ['cp1254', 'Turkish (Windows-1254)'],
  ['mac-roman', 'Western European (Mac)'],
  ['shift_jis', 'Japanese (Shift JIS)'],
  ['gb18030', 'Chinese (GB 18030)'],
] as const

export const DELIMITERS = [
  [',', 'comma'],
  [';', 'semicolon'],
  ['\t', 'tab'],
  ['|', 'bar'],
] as const

/** Those to choose from; one that was found and is not among them comes first, under its own name. */
export function encodingsWith(found: string): { value: string; label: string }[] {
  const known = ENCODINGS.map(([value, label]) => ({ value: value as string, label: label as string }))
  return found && !known.some(({ value }) => value === found)
    ? [{ value: found, label: found }, ...known]
    : known
}

interface Dialect {
  encoding: string
  delimiter: string
}

/** Reads header and first rows again; nothing is mapped then. */
export function useLookAgain(campaign: string, id: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (dialect: Partial<Dialect>) =>
      api.POST('/api/v1/imports/{id}/map', { params: { path: { id } }, body: dialect as never }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['get', '/api/v1/imports', campaign] }),
  })
}
