/** A statement for each month, and what stands on it. */
import { Stack } from '@mantine/core'
import { Invoices } from './Invoices'
import { StatementSettings } from './StatementSettings'

export function InvoicesTab() {
  return (
    <Stack gap="lg">
      <Invoices />
      <StatementSettings />
    </Stack>
  )
}
