import { describe, expect, it } from 'vitest';
import { confidenceText, idForName, initials, percent, toId } from '../../../../face_id_api/console/format.js';

describe('figures', () => {
  it.each([
    [0, '0 %'],
    [0.000001, '< 0.001 %'],
    [0.001, '0.1 %'],
    [0.0564, '5.6 %'],
    [0.14, '14 %'],
    [0.9951, '99.5 %'],
    [0.99999, '> 99.9 %'],
    [1, '100.0 %'],
  ])('%s reads %s', (share, text) => expect(percent(share)).toBe(text));

  it('never say that somebody is certain', () => {
    expect([confidenceText(1), confidenceText(0), confidenceText(null)]).toEqual([
      '> 99.9 %',
      '< 0.1 %',
      'not measured',
    ]);
  });
});

describe('ids', () => {
  it('keep the type that they have in a path of the API', () => {
    expect(['2576', '0', '007', 'ada', 'a b', '', '9007199254740993'].map(toId)).toEqual([
      2576,
      0,
      '007',
      'ada',
      null,
      null,
      null,
    ]);
  });

  it('are made from names, or by chance where a name has no letters for one', () => {
    expect(idForName('Åsa Lindqvist-Ö')).toBe('asa-lindqvist-o');
    expect(idForName('مريم')).toMatch(/^person-[a-z0-9]{6}$/);
    expect(toId(idForName('x'.repeat(300)))).toHaveLength(64);
  });

  it('stand in for a name as initials', () => {
    expect([
      initials('Ada King Lovelace', 'a'),
      initials('مريم', 'a'),
      initials(null, 'p.31'),
      initials('🙂', 7),
    ]).toEqual(['AL', 'م', 'P.', '7']);
  });
});
