/** Pages for addresses that lead nowhere, and for pages that fail. */
import { Button, Center, Code, Stack, Text, Title } from '@mantine/core'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { Link } from '@tanstack/react-router'
import { useTranslation } from 'react-i18next'
import { asProblem } from '@/api/problem'
import { Mark } from '@/components/Mark'

export function NotFound() {
  const { t } = useTranslation('common')
  return (
    <Center mih="70vh" p="md" component="main" id="content" tabIndex={-1}>
      <Stack align="center" gap="sm">
        <Mark />
        <Title order={1}>{t('notFoundTitle')}</Title>
        <Text c="dimmed" ta="center" maw={420}>
          {t('notFoundText')}
        </Text>
        <Button component={Link} to="/" mt="sm">
          {t('toStart')}
        </Button>
      </Stack>
    </Center>
  )
}

export function Crashed({ error }: ErrorComponentProps) {
  const { t } = useTranslation('common')
  const problem = asProblem(error)
  if (problem.status === 404) return <NotFound />
  return (
    <Center mih="70vh" p="md" component="main" id="content" tabIndex={-1}>
      <Stack align="center" gap="sm">
        <Mark />
        <Title order={1}>{t('crashedTitle')}</Title>
        <Text c="dimmed" ta="center" maw={420}>
          {t('crashedText')}
        </Text>
        <Code maw={600}>{problem.detail}</Code>
        <Button mt="sm" onClick={() => window.location.reload()}>
          {t('reload')}
        </Button>
      </Stack>
    </Center>
  )
}
