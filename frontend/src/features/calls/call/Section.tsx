import { Group, Paper, Title } from '@mantine/core'
import type { ReactNode } from 'react'

interface SectionProps {
  title: string
  end?: ReactNode
  children: ReactNode
}

/** A part of the call page. */
export function Section({ title, end, children }: SectionProps) {
  return (
    <Paper component="section" p="md" aria-label={title}>
      <Group justify="space-between" mb="sm" gap="xs">
        <Title order={2} size="h3">
          {title}
        </Title>
        {end}
      </Group>
      {children}
    </Paper>
  )
}
