import { load } from 'js-yaml';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../../../config.ts';
import { importConfig } from '../../../../face_id_api/gallery/import-config.ts';

const old = `
EMB: { emb_path: ../data/pt_emb, get_emb: true }
MTCNN: { URL: "http://mtcnn:5000" }
triton: { URL: "triton:8000", model_name: facenet, batch_size: 16 }
ELASTICSEARCH:
  URL: https://elasticsearch:9200
  INDEX_NAME: Wikipedia faces
  ELASTIC_USERNAME: elastic
  ELASTIC_PASSWORD: secret-word
`;

describe('gallery import-config', () => {
  it("says today's keys for those of an older deployment", () => {
    const text = importConfig(old, 'old.yaml');
    expect(load(text)).toEqual({
      detector: { url: 'http://mtcnn:5000' },
      triton: { url: 'triton:8001' },
      models: { embedder: 'facenet' },
      store: {
        kind: 'elasticsearch',
        urls: ['https://elasticsearch:9200'],
        prefix: 'wikipedia-faces',
        username: 'elastic',
      },
    });
    expect(text).toContain('npm run gallery -- import --pt-emb ../data/pt_emb --model facenet');
  });

  it('does not repeat the password', () => {
    const text = importConfig(old, 'old.yaml');
    expect(text).not.toContain('secret-word');
    expect(text).toContain('password_file');
  });

  it('is a configuration that can be used, once it is told the password', () => {
    const env = { FACE_ID__STORE__PASSWORD: 'word' };
    const config = parseConfig({ text: importConfig(old, 'old.yaml'), file: 'new.yaml', baseDir: '/', env });
    expect([config.detector.url, config.triton.url, config.models.embedder]).toEqual([
      'http://mtcnn:5000',
      'triton:8001',
      'facenet',
    ]);
    expect(config.store).toMatchObject({ kind: 'elasticsearch', prefix: 'wikipedia-faces', username: 'elastic' });
  });

  it.each([
    ['something else', 'api: {}', /expected the keys MTCNN, triton, ELASTICSEARCH or EMB/],
    ['a wrong value', 'MTCNN: { URL: 5 }', /MTCNN\.URL/],
    ['no YAML', '{', /not valid YAML/],
  ])('refuses %s', (_, text, message) => {
    expect(() => importConfig(text, 'old.yaml')).toThrow(message);
  });
});
