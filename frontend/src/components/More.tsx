import { Button, Center } from '@mantine/core'
import { useTranslation } from 'react-i18next'

interface MoreProps {
  query: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown }
}

/** The rest of a long list. */
export function More({ query }: MoreProps) {
  const { t } = useTranslation('common')
  if (!query.hasNextPage) return null
  return (
    <Center>
      <Button variant="default" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
        {t('loadMore')}
      </Button>
    </Center>
  )
}
