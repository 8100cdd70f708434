/** What a part of a page shows while it has nothing to show: loading, failed, empty. */
import { Alert, Button, Group, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core'
import { IconAlertTriangle, type Icon } from '@tabler/icons-react'
import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'

export function Loading({ rows = 4 }: { rows?: number }) {
  const { t } = useTranslation('common')
  return (
    <Stack gap="xs" role="status" aria-label={t('loading')}>
      {Array.from({ length: rows }, (_, i) => (
        <Skeleton key={i} height={34} />
      ))}
    </Stack>
  )
}

export function Failed({ error, retry }: { error: unknown; retry?: () => void }) {
  const { t } = useTranslation('common')
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title={t('failedTitle')} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">{asProblem(error).detail}</Text>
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            {t('retry')}
          </Button>
        )}
      </Stack>
    </Alert>
  )
}

interface EmptyProps {
  icon: Icon
  title: string
  /** Says what to do next. */
  text: ReactNode
  action?: ReactNode
}

export function Empty({ icon: Picture, title, text, action }: EmptyProps) {
  return (
    <Stack align="center" gap="xs" py={48} px="md">
      <ThemeIcon variant="light" size={48} radius="xl" aria-hidden>
        <Picture size={24} />
      </ThemeIcon>
      <Title order={2} size="h3" ta="center">
        {title}
      </Title>
      <Text c="dimmed" ta="center" maw={460}>
        {text}
      </Text>
      {action && <Group mt="sm">{action}</Group>}
    </Stack>
  )
}

/** The data of a query, or its loading or failed state. */
export function Loaded<T>({
  query,
  rows,
  children,
}: {
  query: UseQueryResult<T, unknown>
  rows?: number
  children: (data: T) => ReactNode
}) {
  if (query.data !== undefined) return children(query.data)
  if (query.isError) return <Failed error={query.error} retry={() => void query.refetch()} />
  return <Loading rows={rows} />
}
