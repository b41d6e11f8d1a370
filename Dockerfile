# Builds the one jar and runs it as a user without rights. The services are elsewhere: see docker-compose.yml.
FROM maven:3.9-eclipse-temurin-25 AS build
WORKDIR /src
COPY . .
RUN mvn -B -q -DskipTests -pl server -am package

FROM eclipse-temurin:25-jre
RUN useradd --system --create-home --home-dir /var/lib/agentflow agentflow
COPY --from=build /src/server/target/agentflow.jar /opt/agentflow/agentflow.jar
USER agentflow
ENV AF_HOME=/var/lib/agentflow
WORKDIR /var/lib/agentflow
# Virtual threads and a heap of three quarters of what the container may use.
ENTRYPOINT ["java", "-XX:MaxRAMPercentage=75", "-XX:+UseParallelGC", "-jar", "/opt/agentflow/agentflow.jar"]
CMD ["up", "--port", "8080"]
