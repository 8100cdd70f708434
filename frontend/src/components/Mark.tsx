import { Group, Text } from '@mantine/core'

/** The name with its mark: a line that two people share. */
export function Mark() {
  return (
    <Group gap={9} wrap="nowrap">
      <img src="/icon.svg" alt="" width={24} height={24} />
      <Text fw={600} fz={17} style={{ letterSpacing: '-0.01em' }}>
        {'Trunkline'}
      </Text>
    </Group>
  )
}
