/** The newest bill of the carrier that a number leaves, as the API takes it. */

const MOST_BYTES = 1_400_000
export const BILL_TYPES = ['application/pdf', 'image/jpeg', 'image/png'] as const

export type BillType = (typeof BILL_TYPES)[number]

export type BillFault = 'size' | 'type' | null

export function billFault(file: { size: number; type: string } | null): BillFault {
  if (!file) return null
  if (!(BILL_TYPES as readonly string[]).includes(file.type)) return 'type'
  return file.size > MOST_BYTES ? 'size' : null
}

/** Base64 without the "data:…," in front of it. */
export function inBase64(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error(file.name))
    reader.readAsDataURL(file)
  })
}
