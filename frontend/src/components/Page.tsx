/** The frame of every page: title (also the document's), what can be done here, and the content. */
import { Anchor, Box, Group, Stack, Text, Title } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useEffect } from 'react'

interface PageProps {
  title: string
  /** One line under the title that says what this page is for. */
  lead?: ReactNode
  actions?: ReactNode
  back?: { to: string; label: string }
  children: ReactNode
}

export function Page({ title, lead, actions, back, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Trunkline`
  }, [title])
  return (
    <Stack gap="lg" component="main" id="content" tabIndex={-1}>
      <Box>
        {back && (
          <Anchor component={Link} to={back.to} size="sm" c="dimmed">
            <Group gap={4} component="span">
              <IconArrowLeft size={14} aria-hidden />
              {back.label}
            </Group>
          </Anchor>
        )}
        <Group justify="space-between" align="flex-start" gap="sm">
          <Box style={{ minWidth: 0 }}>
            <Title order={1}>{title}</Title>
            {lead && (
              <Text component="div" c="dimmed" mt={2} maw={640}>
                {lead}
              </Text>
            )}
          </Box>
          {actions && <Group gap="xs">{actions}</Group>}
        </Group>
      </Box>
      {children}
    </Stack>
  )
}
