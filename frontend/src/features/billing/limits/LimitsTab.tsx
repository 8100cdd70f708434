/** How much may be spent, by whom and whereto; and when calls were stopped because of it. */
import { Stack } from '@mantine/core'
import { Countries } from './Countries'
import { Limits } from './Limits'
import { Stops } from './Stops'

export function LimitsTab() {
  return (
    <Stack gap="lg">
      <Limits />
      <Countries />
      <Stops />
    </Stack>
  )
}
