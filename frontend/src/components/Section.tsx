/** A part of a page of settings: what it is about on the left, the settings on the right. */
import { Box, Grid, Text, Title } from '@mantine/core'
import { type ReactNode, useId } from 'react'
import classes from './Section.module.css'

export function Section({ title, text, children }: { title: string; text?: ReactNode; children: ReactNode }) {
  const id = useId()
  return (
    <Grid component="section" aria-labelledby={id} className={classes.section} gap={{ base: 'sm', md: 'xl' }}>
      <Grid.Col span={{ base: 12, md: 4 }}>
        <Title order={2} size="h3" id={id}>
          {title}
        </Title>
        {text && (
          <Text size="sm" c="dimmed" mt={4}>
            {text}
          </Text>
        )}
      </Grid.Col>
      <Grid.Col span={{ base: 12, md: 8 }}>
        <Box>{children}</Box>
      </Grid.Col>
    </Grid>
  )
}
