// npm run bench [-- --quick]: the product over HTTP. npm run bench -- gallery [sizes]: the local store's search.
await import(process.argv[2] === 'gallery' ? './gallery.ts' : './bench.ts');
