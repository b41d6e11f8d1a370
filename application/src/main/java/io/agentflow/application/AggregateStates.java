package io.agentflow.application;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationConfig;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.MapperConfig;
import com.fasterxml.jackson.databind.deser.Deserializers;
import com.fasterxml.jackson.databind.deser.std.StdDelegatingDeserializer;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.AnnotatedClass;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.Serializers;
import com.fasterxml.jackson.databind.ser.std.StdDelegatingSerializer;
import com.fasterxml.jackson.databind.type.TypeFactory;
import com.fasterxml.jackson.databind.util.Converter;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.agentflow.domain.AppendOnlyMap;
import io.agentflow.eventstore.Hash;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedSet;
import org.axonframework.serialization.json.JacksonSerializer;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Writes the states of aggregates as JSON and reads them: their fields, and of a sealed family of
 * states which one it is. Not a storage format: what other code wrote is not read.
 */
public final class AggregateStates {

  private static final List<String> FOLDING_CODE =
      List.of(
          "classpath*:io/agentflow/domain/**/*.class",
          "classpath*:io/agentflow/application/**/*Aggregate.class");

  private AggregateStates() {}

  public static JacksonSerializer serializer() {
    return JacksonSerializer.builder().objectMapper(objectMapper()).build();
  }

  static ObjectMapper objectMapper() {
    return JsonMapper.builder()
        .visibility(PropertyAccessor.FIELD, Visibility.ANY)
        .visibility(PropertyAccessor.GETTER, Visibility.NONE)
        .visibility(PropertyAccessor.IS_GETTER, Visibility.NONE)
        .annotationIntrospector(new SealedFamilies())
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .addModule(new JavaTimeModule())
        .addModule(
            new AppendOnlyMaps().addAbstractTypeMapping(SequencedSet.class, LinkedHashSet.class))
        .build();
  }

  /**
   * Names the code that folds events to states: the digest of its classes. States that another
   * build folded are never taken for this one's, whether a field was added or a rule was mended.
   */
  public static String code() {
    try {
      List<byte[]> classes = new ArrayList<>();
      for (String pattern : FOLDING_CODE) {
        Resource[] found = new PathMatchingResourcePatternResolver().getResources(pattern);
        Arrays.sort(found, Comparator.comparing(Resource::getDescription));
        for (Resource file : found) {
          classes.add(file.getContentAsByteArray());
        }
      }
      return Hash.sha256(classes.toArray(byte[][]::new)).hex();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the classes of the domain", e);
    }
  }

  private static final class SealedFamilies extends JacksonAnnotationIntrospector {

    private static final long serialVersionUID = 1L;

    @Override
    public JsonTypeInfo.@Nullable Value findPolymorphicTypeInfo(
        MapperConfig<?> config, Annotated annotated) {
      return annotated.getRawType().isSealed() && annotated instanceof AnnotatedClass
          ? JsonTypeInfo.Value.construct(
              JsonTypeInfo.Id.CLASS, JsonTypeInfo.As.PROPERTY, "@class", null, false, null)
          : super.findPolymorphicTypeInfo(config, annotated);
    }
  }

  private static final class AppendOnlyMaps extends SimpleModule {

    private static final long serialVersionUID = 1L;

    @Override
    public void setupModule(SetupContext context) {
      super.setupModule(context);
      context.addSerializers(
          new Serializers.Base() {
            @Override
            public @Nullable JsonSerializer<?> findSerializer(
                SerializationConfig config, JavaType type, BeanDescription description) {
              return type.hasRawClass(AppendOnlyMap.class)
                  ? new StdDelegatingSerializer(new ToMap(type))
                  : null;
            }
          });
      context.addDeserializers(
          new Deserializers.Base() {
            @Override
            public @Nullable JsonDeserializer<?> findBeanDeserializer(
                JavaType type, DeserializationConfig config, BeanDescription description) {
              return type.hasRawClass(AppendOnlyMap.class)
                  ? new StdDelegatingDeserializer<>(new FromMap(type))
                  : null;
            }
          });
    }
  }

  /** The map of the same keys and values that Jackson knows to write and read. */
  private static JavaType plainMap(JavaType appendOnlyMap, TypeFactory types) {
    return types.constructMapType(
        Map.class, appendOnlyMap.containedType(0), appendOnlyMap.containedType(1));
  }

  private record ToMap(JavaType type) implements Converter<AppendOnlyMap<?, ?>, Map<?, ?>> {

    @Override
    public Map<?, ?> convert(AppendOnlyMap<?, ?> map) {
      return map.asMap();
    }

    @Override
    public JavaType getInputType(TypeFactory types) {
      return type;
    }

    @Override
    public JavaType getOutputType(TypeFactory types) {
      return plainMap(type, types);
    }
  }

  private record FromMap(JavaType type) implements Converter<Map<?, ?>, AppendOnlyMap<?, ?>> {

    @Override
    public AppendOnlyMap<?, ?> convert(Map<?, ?> map) {
      return AppendOnlyMap.of(map);
    }

    @Override
    public JavaType getInputType(TypeFactory types) {
      return plainMap(type, types);
    }

    @Override
    public JavaType getOutputType(TypeFactory types) {
      return type;
    }
  }
}
